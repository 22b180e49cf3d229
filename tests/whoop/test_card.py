"""What people see of a link: the client's card and strip, the coach's line, the owner's table."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.apps import installation_app
from coach.whoop.grant import app_health
from coach.whoop.models import Integration
from coach.work.models import Work
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.looking_back import link_and_sync, linked_app, one_piece, read_all

__all__ = ["linked_app"]


def change(app: Flask, who: Somebody, **values: object) -> None:
    with app.app_context(), acting_for(who.organisation_id):
        mine = db.update(Integration).where(Integration.client_id == who.client_id)
        db.session.execute(mine.values(values))
        db.session.commit()


def test_the_card_tells_how_far_the_history_has_come(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    one_piece(linker.app, cast.bea)
    text = browser.get("/cabinet/whoop").text
    assert "History: back to" in text
    assert "%" in text
    assert 'hx-trigger="every 15s"' in text
    read_all(linker.app, cast.bea)
    text = browser.get("/cabinet/whoop").text
    assert "History: complete, back to" in text
    assert "hx-trigger" not in text


def test_a_sync_that_was_just_asked_for_has_brought_nothing_yet(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    browser.post_form("/cabinet/whoop/sync", page="/cabinet/integrations")
    assert "Bringing your data: 0 records so far" in browser.get("/cabinet/whoop").text


def test_a_history_that_waits_for_whoops_limits_says_until_when(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    with linker.app.app_context():
        waits = db.update(Work).where(Work.organisation_id == cast.bea.organisation_id)
        db.session.execute(waits.where(Work.kind == "whoop_history").values(error="SlowDown"))
        db.session.commit()
    assert "limits until" in browser.get("/cabinet/whoop").text


def test_the_card_says_what_the_last_sync_read_of_each_kind(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    text = browser.get("/cabinet/whoop").text
    assert "What the last sync read" in text
    assert "new or changed" in text
    scopes = ["read:cycles", "read:sleep", "read:recovery", "read:profile"]
    change(linker.app, cast.bea, scopes=scopes)
    assert browser.get("/cabinet/whoop").text.count("not shared by you at WHOOP") == 2


def test_a_link_that_brings_nothing_says_so_and_is_still_linked(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    read_all(linker.app, cast.bea)
    change(
        linker.app, cast.bea, data_through=Integration.last_sync - db.func.make_interval(0, 0, 0, 5)
    )
    text = browser.get("/cabinet/whoop").text
    assert "nothing new for 5 days" in text
    assert "Linked" in text


def test_the_strip_has_sixty_cells_and_the_keyboard_stops_where_there_is_something_to_do(
    linker: Linker, cast: Cast
) -> None:
    browser = link_and_sync(linker, cast.bea, "lena")
    read_all(linker.app, cast.bea)
    text = browser.get("/cabinet/integrations").text
    assert text.count('<li class="strip__day ') == 60
    scored, before = (
        text.count(f'<li class="strip__day strip__day--{s}"') for s in ("scored", "before")
    )
    assert scored > 30
    assert text.count("strip__link") == 60 - scored - before > 0
    assert "Missing days are those" in text


def test_when_whoop_refuses_our_app_nobody_is_told_to_do_anything(
    linker: Linker, cast: Cast
) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    read_all(linker.app, cast.bea)
    change(linker.app, cast.bea, status="error")
    assert "Try again, or tell your coach" in browser.get("/cabinet/whoop").text
    with linker.app.app_context():
        app_health.close(installation_app())
    text = browser.get("/cabinet/whoop").text
    assert "there is nothing for you to do" in text
    assert "Try again, or tell your coach" not in text
    with linker.app.app_context():
        app_health.open_again(installation_app())


def test_the_strip_asks_again_and_is_answered_only_when_a_day_has_arrived(
    linker: Linker, cast: Cast
) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    read_all(linker.app, cast.bea)
    page = browser.get("/cabinet/integrations").text
    (said,) = re.findall(r"hx-headers='(\{[^']*If-None-Match[^']*)'", page)
    asks = {"HX-Request": "true", **json.loads(html.unescape(said))}
    assert browser.get("/cabinet/integrations", headers=asks).status_code == 304
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert cast.bea.client_id
        since = datetime.now(UTC).date() - timedelta(days=3)
        days = db.update(DailyLog).where(DailyLog.date >= since).values(recovery_score=None)
        db.session.execute(days)
        db.session.commit()
    again = browser.get("/cabinet/integrations", headers=asks)
    assert again.status_code == 200
    assert 'id="arrived"' in again.text
    assert again.text.count('<li class="strip__day ') == 60
    assert "<html" not in again.text


def test_without_any_data_there_is_no_strip(linked_app: Flask, cast: Cast) -> None:
    browser = Critic.of(linked_app)
    browser.sign_in(cast.bea)
    assert "strip__day" not in browser.get("/cabinet/integrations").text


def test_the_coach_sees_one_line_without_a_value(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "ada")
    browser = Critic.of(linker.app)
    browser.sign_in(cast.ann)
    assert "Syncing" in browser.get(f"/dashboard/clients/{cast.bea.client_id}").text
    linker.work(cast.bea.organisation_id)
    text = browser.get(f"/dashboard/clients/{cast.bea.client_id}").text
    assert "last sync" in text
    assert "data through" in text
    assert "Never linked" in browser.get(f"/dashboard/clients/{cast.carl.client_id}").text


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    said: list[str] = []

    def note(*told: object) -> None:
        said.append(str(told[2]))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_owner_sees_every_link_what_needs_somebody_first_in_a_constant_number_of_statements(
    linker: Linker, cast: Cast
) -> None:
    owner = Critic.of(linker.app)
    owner.sign_in(cast.olga)
    owner.get("/organisation/sync")
    with counted(linker.app) as none_linked:
        text = owner.get("/organisation/sync").text
    assert text.count("Never linked") == 2
    linker.link(cast.bea, "ada")
    linker.link(cast.carl, "mara")
    linker.work(cast.bea.organisation_id)
    change(linker.app, cast.carl, status="reconnect_needed")
    with counted(linker.app) as all_linked:
        text = owner.get("/organisation/sync").text
    assert text.index("Carl") < text.index("Bea")
    assert "Has to link again" in text
    assert "Xenia" not in text
    assert len(all_linked) == len(none_linked)


@pytest.mark.parametrize("who", ["ann", "bea"])
def test_only_the_owner_sees_all_links(linked_app: Flask, cast: Cast, who: str) -> None:
    browser = Critic.of(linked_app)
    browser.sign_in(getattr(cast, who))
    assert browser.get("/organisation/sync").status_code == 403
