"""The rate limits, told in headers and kept."""

import pytest

from coach.simulator.app import create_simulator
from coach.simulator.options import Options
from tests.simulator.browser import (
    CLIENT_ID,
    HEAVY_TRAINER,
    NAPPER,
    REDIRECT_URI,
    SECRET,
    Browser,
    Clock,
)


@pytest.fixture
def browser(clock: Clock) -> Browser:
    app = create_simulator(
        client_id=CLIENT_ID,
        client_secret=SECRET,
        redirect_uris=[REDIRECT_URI],
        environment="test",
        clock=clock,
        options=Options(per_minute=3, per_day=5),
    )
    return Browser(app)


def test_the_headers_tell_the_limit_that_is_closest(browser: Browser, clock: Clock) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    browser.get(token, "/v2/cycle")
    clock.forward(seconds=20)
    headers = browser.get(token, "/v2/cycle").headers
    assert headers["X-RateLimit-Limit"] == "3, 3;window=60, 5;window=86400"
    assert headers["X-RateLimit-Remaining"] == "1"
    assert headers["X-RateLimit-Reset"] == "40"


def test_one_too_many_is_a_429_and_the_next_minute_is_fresh(browser: Browser, clock: Clock) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    statuses = [browser.get(token, "/v2/cycle").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    clock.forward(seconds=60)
    assert browser.get(token, "/v2/cycle").status_code == 200


def test_members_share_the_apps_limit(browser: Browser) -> None:
    one, two = (browser.link(who)["access_token"] for who in (HEAVY_TRAINER, NAPPER))
    statuses = [browser.get(token, "/v2/cycle").status_code for token in (one, two, one, two)]
    assert statuses[-1] == 429


def test_the_day_has_a_limit_of_its_own(browser: Browser, clock: Clock) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    for _ in range(5):
        assert browser.get(token, "/v2/cycle").status_code == 200
        clock.forward(seconds=60)
    refused = browser.get(token, "/v2/cycle")
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Limit"].startswith("5, ")
    assert refused.headers["X-RateLimit-Reset"] == str(86_400 - 300)


def test_requests_without_a_valid_token_are_not_counted(browser: Browser) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    for _ in range(5):
        assert "X-RateLimit-Limit" not in browser.get("unknown", "/v2/cycle").headers
    assert browser.get(token, "/v2/cycle").status_code == 200
