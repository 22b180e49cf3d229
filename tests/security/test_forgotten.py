"""The way back in for who forgot a password, and for nobody else."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from coach.accounts import resets
from coach.accounts.models import PasswordReset
from coach.extensions import db
from tests.cast import PASSWORD, Cast, Somebody
from tests.critic import Critic
from tests.security.conftest import AtOnce

NEW = "an entirely new one"


def _links(app: Flask, who: Somebody) -> list[str]:
    with app.app_context():
        mine = select(PasswordReset.id).where(PasswordReset.user_id == who.user_id)
        ids: list[UUID] = list(db.session.scalars(mine.order_by(PasswordReset.id)))
        paths = [resets.link(each).removeprefix("http://localhost") for each in ids]
        db.session.remove()
    return paths


def _forget(app: Flask, who: Somebody, times: int = 1) -> list[str]:
    for _ in range(times):
        answer = Critic.of(app).post_form("/forgot", {"email": who.email})
        assert "is on its way" in answer.text
    return _links(app, who)


def test_nobody_can_flood_a_mailbox(app: Flask, cast: Cast) -> None:
    assert len(_forget(app, cast.bea, times=8)) == 5


def test_a_new_password_closes_every_other_link(app: Flask, cast: Cast) -> None:
    first, second = _forget(app, cast.bea, times=2)
    assert Critic.of(app).post_form(second, {"password": NEW}).status_code == 200
    assert Critic.of(app).get(first).status_code == 410
    assert Critic.of(app).post_form(first, {"password": "somebody else's"}).status_code == 410


def test_of_two_using_a_link_at_once_one_chooses(app: Flask, cast: Cast, at_once: AtOnce) -> None:
    (path,) = _forget(app, cast.bea)
    answers = [answer.status_code for answer in at_once([path] * 4, NEW)]
    assert sorted(answers) == [200, 410, 410, 410]


def test_a_new_password_helps_after_too_many_tries(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app)
    for _ in range(6):
        browser.sign_in(cast.bea, "a wrong guess")
    wait = browser.post_form("/sign-in", {"email": cast.bea.email, "password": PASSWORD})
    assert wait.status_code == 429
    (path,) = _forget(app, cast.bea)
    browser.post_form(path, {"password": NEW})
    assert browser.sign_in(cast.bea, NEW).get("/cabinet").status_code == 200


def test_tries_made_at_once_are_counted_like_tries_one_by_one(app: Flask, cast: Cast) -> None:
    browsers = [Critic.of(app) for _ in range(9)]
    tokens = [browser.token() for browser in browsers]

    def guess(number: int) -> int:
        fields = {"email": cast.bea.email, "password": "guess", "csrf_token": tokens[number]}
        return browsers[number].post("/sign-in", data=fields).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(guess, range(len(browsers))))
    assert answers.count(422) <= 5
    assert set(answers) <= {422, 429, 503}  # sent away untried: others are being tried
