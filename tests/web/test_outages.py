"""The database is away: plain words and the right status, whoever asks for what."""

from collections.abc import Iterator

import pytest
from flask import Flask

from coach.app import create_app
from config import Settings
from tests.conftest import close
from tests.critic import Critic


@pytest.fixture(scope="module")
def orphan(settings: Settings) -> Iterator[Flask]:
    away = {"database_url": "postgresql+psycopg://coach_app:x@127.0.0.1:9/coach"}
    made = create_app(settings.model_copy(update=away))
    yield made
    close(made)


@pytest.mark.parametrize("cookie", [True, False])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/dashboard", "/cabinet"])
def test_every_page_says_that_it_will_be_back(orphan: Flask, path: str, *, cookie: bool) -> None:
    browser = Critic.of(orphan)
    if cookie:
        browser.set_cookie("coach", "somebody's session")
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


def test_alive_is_not_ready(orphan: Flask) -> None:
    browser = Critic.of(orphan)
    assert browser.get("/healthz").status_code == 200
    ready = browser.get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {"status": "unavailable", "database": "unreachable", "queue": "ok"}
