"""Doors that several tests knock on."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import delete
from werkzeug.test import TestResponse

from coach.accounts.models import LoginAttempt
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic

Invite = Callable[..., str]
AtOnce = Callable[[list[str], str], list[TestResponse]]


@pytest.fixture(autouse=True)
def nobody_has_tried(app: Flask) -> Iterator[None]:
    """All tests come from one address: what they try in vain must not slow down others."""
    yield
    with app.app_context():
        db.session.execute(delete(LoginAttempt))
        db.session.commit()


@pytest.fixture
def invite(app: Flask, cast: Cast) -> Invite:
    """Invite somebody through the page; gives the path of the link shown there."""

    def invited(email: str, role: str = "client", by: str = "ann") -> str:
        host = Critic.of(app).sign_in(getattr(cast, by))
        fields = {"name": "Nora New", "email": email, "role": role, "timezone": "UTC"}
        assert host.post_form("/invitations", fields).status_code == 303
        found = re.search(r'value="http://localhost(/invitations/[^"]+)"', host.get("/people").text)
        assert found
        return found[1]

    return invited


@pytest.fixture
def at_once(app: Flask) -> AtOnce:
    """Post a password of its own to each path at the same moment."""

    def posted(paths: list[str], password: str) -> list[TestResponse]:
        browsers = [Critic.of(app) for _ in paths]
        tokens = [browser.token() for browser in browsers]

        def one(number: int) -> TestResponse:
            fields = {"password": f"{password} {number}", "csrf_token": tokens[number]}
            return browsers[number].post(paths[number], data=fields)

        with ThreadPoolExecutor(len(paths)) as pool:
            return list(pool.map(one, range(len(paths))))

    return posted
