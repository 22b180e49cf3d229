import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from coach.accounts.models import Invitation, TokenDirectory
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.cast import PASSWORD, Cast
from tests.critic import Critic


def _invite(app: Flask, cast: Cast, email: str, role: str = "client", by: str = "ann") -> str:
    """Invite somebody through the page; gives the path of the link shown there."""
    coach = Critic.of(app).sign_in(getattr(cast, by))
    fields = {"name": "Nora New", "email": email, "role": role, "timezone": "Europe/Oslo"}
    assert coach.post_form("/invitations", fields).status_code == 303
    found = re.search(r'value="http://localhost(/invitations/[^"]+)"', coach.get("/people").text)
    assert found
    return found[1]


def test_an_invited_client_joins_and_is_coached_by_who_invited_them(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"nora-{cast.ann.user_id}@example.org")
    guest = Critic.of(app)
    answer = guest.post_form(path, {"password": "a sentence is fine"}, page=path)
    assert answer.status_code == 303
    assert guest.get("/cabinet").status_code == 200
    assert "Nora New" in Critic.of(app).sign_in(cast.ann).get("/dashboard").text
    assert "Nora New" not in Critic.of(app).sign_in(cast.yan).get("/dashboard").text


def test_a_link_works_once(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"once-{cast.ann.user_id}@example.org")
    Critic.of(app).post_form(path, {"password": "a sentence is fine"}, page=path)
    late = Critic.of(app).get(path)
    assert late.status_code == 410
    assert "used already" in late.text


def test_an_expired_link_says_so(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"old-{cast.ann.user_id}@example.org")
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        db.session.execute(
            update(Invitation).values(expires_at=Invitation.created_at - timedelta(1))
        )
        db.session.commit()
        act_for_nobody()
    answer = Critic.of(app).get(path)
    assert answer.status_code == 410
    assert "older than seven days" in answer.text


def test_a_withdrawn_link_says_so(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"back-{cast.ann.user_id}@example.org")
    coach = Critic.of(app).sign_in(cast.ann)
    found = re.search(r'action="(/invitations/[0-9a-f-]+/withdrawal)"', coach.get("/people").text)
    assert found
    assert coach.post_form(found[1]).status_code == 303
    assert "was withdrawn" in Critic.of(app).get(path).text


def test_somebody_with_an_account_joins_with_their_own_password(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, cast.xenia.email)
    wrong = Critic.of(app).post_form(path, {"password": "not the right one"}, page=path)
    assert wrong.status_code == 422
    guest = Critic.of(app)
    assert guest.post_form(path, {"password": PASSWORD}, page=path).status_code == 303
    account = guest.get("/account").text
    assert "Switch to it" in account
    other = re.search(r'name="organisation_id"\s+value="([^"]+)"', account)
    assert other
    guest.post_form("/organisations/switch", {"organisation_id": other[1]}, page="/account")
    assert guest.get("/cabinet").status_code == 200


def test_a_coach_cannot_invite_an_owner(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    fields = {"name": "X", "email": "x@example.org", "role": "owner", "timezone": "UTC"}
    assert coach.post_form("/invitations", fields).status_code in {403, 422}


def test_the_token_stands_nowhere_in_the_database(app: Flask, cast: Cast) -> None:
    token = _invite(app, cast, f"safe-{cast.ann.user_id}@example.org").rpartition("/")[2]
    with app.app_context():
        known = list(db.session.scalars(select(TokenDirectory.token_hash)))
        db.session.remove()
    assert known
    assert token not in known


@pytest.mark.parametrize("field", ["organisation_id", "source", "is_operator"])
def test_fields_nobody_asked_for_change_nothing(app: Flask, cast: Cast, field: str) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    fields = {
        "name": "Mass",
        "email": f"mass-{field}-{cast.ann.user_id}@example.org",
        "role": "client",
        "timezone": "UTC",
        field: str(cast.zoe.organisation_id),
    }
    assert coach.post_form("/invitations", fields).status_code == 303
    assert "Mass" not in Critic.of(app).sign_in(cast.zoe).get("/people").text
