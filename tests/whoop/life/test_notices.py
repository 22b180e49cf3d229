"""Failure and return of a link: recorded, shown, and mailed once each."""

from datetime import timedelta

import pytest
from flask_babel import get_locale
from sqlalchemy import func, update

from coach import mail
from coach.accounts.models import User
from coach.extensions import db
from coach.outbound import Response
from coach.whoop.client import Transport
from coach.whoop.grant.models import Notification, TokenCall
from coach.whoop.linking import keeping_alive
from coach.whoop.models import Integration, WhoopRecord
from coach.work.leases import now
from tests.cast import Cast
from tests.whoop.life.living import TOKEN, Begin, Post


def test_a_grant_withdrawn_at_whoop_is_told_once_and_so_is_its_return(
    life: Begin, cast: Cast, post: Post
) -> None:
    bea = life(cast.bea, "mara")
    history = bea.count(WhoopRecord)
    bea.withdraw_at_whoop()
    bea.sync()
    assert bea.row().status == "reconnect_needed"
    bea.work()
    assert post.letters == [("reconnect.txt", cast.bea.email)]
    asked = len(bea.linker.whoop.calls)
    assert bea.browser.post_form("/cabinet/whoop/sync").status_code == 409
    with bea.inside():
        keeping_alive.upkeep(now=now() + timedelta(days=3))
    bea.work()
    assert len(bea.linker.whoop.calls) == asked, "a link that has ended costs no call"
    assert "Link WHOOP again" in bea.browser.get("/cabinet/integrations").text

    bea.linker.link(cast.bea, "mara")
    bea.work()
    bea.work()
    assert bea.row().status == "active"
    assert bea.count(WhoopRecord) >= history
    assert [each for each, _ in post.letters] == ["reconnect.txt", "recovered.txt"]
    assert bea.count(Notification) == 2


def test_nothing_is_planned_for_a_link_that_waits_for_its_client(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "mara")
    assert bea.row().next_sync
    assert "not planned" not in bea.browser.get("/cabinet/whoop").text
    bea.withdraw_at_whoop()
    bea.sync()
    assert (bea.row().status, bea.row().next_sync) == ("reconnect_needed", None)
    assert "not planned" in bea.browser.get("/cabinet/whoop").text
    bea.linker.link(cast.bea, "mara")
    assert bea.row().next_sync


def test_a_notice_waits_for_the_mail_server_and_is_dropped_when_it_is_true_no_more(
    life: Begin, cast: Cast, post: Post
) -> None:
    bea, post.down = life(cast.bea, "noah"), True
    bea.withdraw_at_whoop()
    bea.sync()
    bea.work()
    assert bea.count(Notification) == 1
    post.down = False
    bea.work()
    assert [each for each, _ in post.letters] == ["reconnect.txt"]
    bea.linker.link(cast.bea, "noah")
    bea.put(Integration, status="reconnect_needed")  # the mail that it is linked comes too late
    bea.work()
    bea.linker.link(cast.bea, "noah")
    bea.work()
    bea.work()
    assert [each for each, _ in post.letters][1:] == ["recovered.txt"]


def test_a_notice_speaks_the_language_of_its_reader(
    life: Begin, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea, spoken = life(cast.bea, "ines"), []

    def send(*_: object, **__: object) -> None:
        spoken.append(str(get_locale()))

    monkeypatch.setattr(mail, "send", send)
    with bea.inside():
        db.session.execute(update(User).where(User.id == cast.bea.user_id).values(locale="es"))
        db.session.commit()
    bea.withdraw_at_whoop()
    bea.sync()
    bea.work()
    assert spoken == ["es"]


def test_fresh_tokens_that_are_refused_end_a_link_only_after_three_hours(
    life: Begin, cast: Cast, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea = life(cast.bea, "omar")
    refusal = Response(401, {}, b"Authorization was not valid")
    monkeypatch.setattr(Transport, "send", lambda *_, **__: refusal)
    renewed = bea.calls(TOKEN)
    bea.browser.post_form("/cabinet/whoop/sync")
    states = []
    for _ in range(3):
        bea.put(Integration, last_sync=func.now() - timedelta(days=1))
        bea.work()
        bea.work()  # at once again: still the same hour, and no other refresh
        states.append((bea.row().status, bea.row().error))
        with bea.inside():
            started = TokenCall.started_at - timedelta(minutes=61)
            ended = TokenCall.ended_at - timedelta(minutes=61)
            db.session.execute(update(TokenCall).values(started_at=started, ended_at=ended))
            db.session.commit()
    assert states[:2] == [("active", "TokenRefused")] * 2
    assert states[2][0] == "reconnect_needed"
    assert bea.calls(TOKEN) - renewed <= 3
    bea.work()
    assert len(post.letters) == 1
