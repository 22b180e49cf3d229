from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from coach.accounts import organisations, resets
from coach.accounts.models import LoginAttempt, PasswordReset, User
from coach.accounts.people import Newcomer
from coach.extensions import db
from coach.ids import new_id
from coach.work.models import Work
from tests.cast import PASSWORD, Cast
from tests.critic import Critic


def _link(app: Flask, cast: Cast) -> str:
    with app.app_context(), app.test_request_context():
        found = db.session.scalars(
            select(PasswordReset.id)
            .where(PasswordReset.user_id == cast.bea.user_id)
            .order_by(PasswordReset.id.desc())
        ).first()
        assert found
        path = resets.link(found).removeprefix("http://localhost")
        db.session.remove()
    return path


def test_a_forgotten_password_is_changed_and_every_device_signed_out(
    app: Flask, cast: Cast
) -> None:
    device = Critic.of(app).sign_in(cast.bea)
    browser = Critic.of(app)
    assert browser.post_form("/forgot", {"email": cast.bea.email}).status_code == 200
    path = _link(app, cast)
    done = browser.post_form(path, {"password": "an entirely new one"}, page=path)
    assert "every device is signed out" in done.text
    assert device.get("/cabinet").status_code == 303
    assert (
        Critic.of(app).sign_in(cast.bea, "an entirely new one").get("/cabinet").status_code == 200
    )
    assert browser.get(path).status_code == 410


def test_an_unknown_address_gets_the_same_answer_and_no_mail(app: Flask, cast: Cast) -> None:
    known = Critic.of(app).post_form("/forgot", {"email": cast.bea.email})
    unknown = Critic.of(app).post_form("/forgot", {"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code
    assert "is on its way" in unknown.text
    with app.app_context():
        asked = db.session.scalars(select(Work.subject_id).where(Work.kind == "send_reset")).all()
        mine = db.session.scalars(
            select(PasswordReset.id).where(PasswordReset.user_id == cast.bea.user_id)
        ).all()
        db.session.remove()
    assert set(mine) <= set(asked)


def test_an_old_link_opens_nothing(app: Flask, cast: Cast) -> None:
    Critic.of(app).post_form("/forgot", {"email": cast.bea.email})
    with app.app_context():
        db.session.execute(
            update(PasswordReset).values(expires_at=PasswordReset.expires_at - timedelta(hours=2))
        )
        db.session.commit()
    assert Critic.of(app).get(_link(app, cast)).status_code == 410


def test_guessing_is_slowed_down(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app)
    for _ in range(5):
        wrong = browser.post_form("/sign-in", {"email": cast.carl.email, "password": "guess"})
        assert wrong.status_code == 422
    assert (
        browser.post_form("/sign-in", {"email": cast.carl.email, "password": PASSWORD}).status_code
        == 429
    )
    with app.app_context():
        db.session.execute(db.delete(LoginAttempt))
        db.session.commit()


@pytest.mark.usefixtures("cast")
def test_setup_is_closed_once_somebody_exists(app: Flask) -> None:
    with app.app_context():
        token = organisations.open_setup()
        db.session.commit()
        assert not organisations.nobody_yet()
    assert Critic.of(app).get(f"/setup/{token}").status_code == 404


@pytest.mark.usefixtures("context")
def test_the_first_owner_is_made_by_the_setup_link(monkeypatch: pytest.MonkeyPatch) -> None:
    token = organisations.open_setup()
    monkeypatch.setattr(organisations, "nobody_yet", lambda: True)
    assert organisations.setup_is_open(token)
    user = organisations.set_up(
        token,
        organisation_name=f"First {token[:6]} {new_id()}",
        timezone="Europe/Berlin",
        owner=Newcomer("First@Example.org", "First", PASSWORD),
    )
    assert db.session.get_one(User, user.id).email == "first@example.org"
    assert not organisations.setup_is_open(token)
