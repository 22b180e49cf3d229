"""FEATURE_WHOOP_INTEGRATION off: WHOOP is not there; everything else is."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from coach.app import create_app
from coach.whoop.sync import due
from config import Settings
from tests.cast import Cast
from tests.conftest import close
from tests.critic import Critic


@pytest.fixture(scope="module")
def without(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings.model_copy(update={"feature_whoop_integration": False}))
    yield made
    close(made)


@pytest.mark.parametrize(
    "path",
    [
        "/cabinet/whoop",
        "/cabinet/whoop/connect",
        "/cabinet/whoop-callback",
        "/integrations/whoop/callback",
        "/oauth/whoop/callback/",
        "/cabinet/whoop/disconnect",
    ],
)
def test_every_whoop_page_is_not_found(without: Flask, cast: Cast, path: str) -> None:
    assert Critic.of(without).sign_in(cast.bea).get(path).status_code == 404


def test_the_owner_finds_no_page_about_whoop_and_no_way_to_one(without: Flask, cast: Cast) -> None:
    browser = Critic.of(without).sign_in(cast.olga)
    assert browser.get("/organisation/whoop").status_code == 404
    assert browser.post_form("/organisation/whoop").status_code == 404
    assert "/organisation/whoop" not in browser.get("/people").text


@pytest.mark.parametrize("path", ["connect", "sync", "disconnect"])
def test_every_whoop_form_is_not_found(without: Flask, cast: Cast, path: str) -> None:
    answer = Critic.of(without).sign_in(cast.bea).post_form(f"/cabinet/whoop/{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/cabinet", "/cabinet/integrations", "/cabinet/imports"])
def test_the_rest_of_the_cabinet_stays_and_shows_no_card(
    without: Flask, cast: Cast, path: str
) -> None:
    answer = Critic.of(without).sign_in(cast.bea).get(path)
    assert answer.status_code == 200
    assert "whoop-card" not in answer.text


def test_no_schedule_makes_work(without: Flask) -> None:
    with without.app_context():
        assert due.sync_due(now=datetime.now(UTC)) == 0
