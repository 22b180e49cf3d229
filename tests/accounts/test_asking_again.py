"""A mailbox is not to be flooded from here; and a coach can say that a client is under 18."""

import re

import pytest
from flask import Flask

from coach.accounts.models import Invitation, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.work.models import Work
from tests.cast import Cast, Somebody
from tests.critic import Critic

NEW = {"password": "long enough to be new here"}


def _invite(app: Flask, who: Somebody, **more: str) -> tuple[Critic, str]:
    """Invite somebody; the browser of who invited, and the link."""
    coach = Critic.of(app).sign_in(who)
    email = f"gil-{who.user_id}@example.org"
    guest = {"name": "Gil", "email": email, "role": "client", "timezone": "UTC", **more}
    assert coach.post_form("/invitations", guest).status_code == 303
    found = re.search(r"/invitations/[\w-]{43}", coach.get("/people").text)
    assert found
    return coach, found[0]


def _mails(app: Flask, who: Somebody, kind: str) -> int:
    with app.app_context():
        mine = (Work.organisation_id == who.organisation_id, Work.kind == kind)
        found = db.session.scalar(db.select(db.func.count()).select_from(Work).where(*mine))
        db.session.remove()
    return found or 0


def test_an_invitation_is_sent_again_three_times_a_day(app: Flask, cast: Cast) -> None:
    coach, _link = _invite(app, cast.ann)
    found = re.search(r'action="(/invitations/[0-9a-f-]+/reminder)"', coach.get("/people").text)
    assert found
    said = []
    for _again in range(4):
        assert coach.post_form(found[1], page="/account").status_code == 303
        said.append(coach.get("/people").text)
    assert ["The link works for seven days" in each for each in said] == [True, True, True, False]
    assert "Sent again three times within a day." in said[-1]


def test_a_new_address_is_asked_for_three_times_a_day(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    codes = [
        bea.post_form("/account/email", {"email": f"b{each}@example.org"}).status_code
        for each in range(4)
    ]
    assert codes == [303, 303, 303, 429]


def test_a_guardian_is_asked_three_times_a_day(app: Flask, cast: Cast) -> None:
    _coach, link = _invite(app, cast.ann, minor="y")
    young = Critic.of(app)
    answers = [
        young.post_form(f"{link}/guardian", {"email": f"m{each}@example.org"}, page=link)
        for each in range(4)
    ]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert "was asked three times within a day" in answers[-1].text


@pytest.mark.parametrize(("guardian", "first"), [("", "E-mail of your guardian"), ("m@example.org", "We have asked your guardian")])  # fmt: skip
def test_nothing_of_a_client_marked_as_under_18_is_stored_before_a_guardian_agrees(
    app: Flask, cast: Cast, guardian: str, first: str
) -> None:
    coach, link = _invite(app, cast.ann, minor="y", guardian_email=guardian)
    assert "waits for a guardian" in coach.get("/people").text
    young = Critic.of(app)
    assert first in young.get(link).text
    assert young.post_form(link, NEW, page=link).status_code == 403
    assert _mails(app, cast.ann, "ask_guardian") == bool(guardian)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        invitation = db.session.scalars(db.select(Invitation)).one()
        known = db.select(User.id).where(User.email == invitation.email)
        assert (invitation.minor, db.session.scalar(known)) == (True, None)
        db.session.remove()


def test_a_guardian_is_somebody_else(app: Flask, cast: Cast) -> None:
    guest = {"name": "Gil", "email": "g@example.org", "role": "client", "timezone": "UTC"}
    typed = {**guest, "minor": "y", "guardian_email": "G@example.org"}
    answer = Critic.of(app).sign_in(cast.ann).post_form("/invitations", typed)
    assert answer.status_code == 422
    assert "Type the address of a parent or guardian." in answer.text
