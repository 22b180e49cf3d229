"""The link for the first owner works once, and says what is wrong instead of failing."""

import pytest
from flask import Flask

from coach.accounts import organisations
from coach.accounts.people import Newcomer
from coach.extensions import db
from coach.ids import new_id
from tests.cast import PASSWORD, Cast
from tests.critic import Critic


@pytest.fixture
def path(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(organisations, "nobody_yet", lambda: True)
    with app.app_context():
        token = organisations.open_setup()
        db.session.commit()
    return f"/setup/{token}"


def _fields(organisation: str) -> dict[str, str]:
    return {
        "organisation": organisation,
        "name": "First",
        "email": f"first-{new_id()}@example.org",
        "password": PASSWORD,
        "timezone": "UTC",
    }


def test_a_name_that_is_taken_is_said_and_the_link_stays(app: Flask, cast: Cast, path: str) -> None:
    taken = f"Taken {cast.ann.user_id}"
    with app.app_context():
        organisations.create_organisation(taken)
        db.session.commit()
    browser = Critic.of(app)
    assert browser.post_form(path, _fields(taken)).status_code == 409
    assert browser.post_form(path, _fields(f"Free {new_id()}")).status_code == 303
    assert browser.get("/dashboard").status_code == 200


@pytest.mark.usefixtures("context", "path")
def test_the_second_of_two_at_once_makes_nothing() -> None:
    token = organisations.open_setup()
    first = Newcomer(f"{new_id()}@example.org", "First", PASSWORD)
    names = [f"One {new_id()}", f"Two {new_id()}"]
    organisations.set_up(token, organisation_name=names[0], timezone="UTC", owner=first)
    with pytest.raises(organisations.SetupClosed):
        organisations.set_up(token, organisation_name=names[1], timezone="UTC", owner=first)
