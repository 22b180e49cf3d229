"""Marked values in every field: none of them may stand in a log, whatever fails."""

import json
import logging
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest
from flask import Flask
from gunicorn.config import Config
from werkzeug.test import TestResponse

from coach.observability import failures
from coach.observability.logging import Discreet, GunicornLogger
from coach.whoop.client.watching import pattern
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.observability.conftest import Lines
from tests.whoop.announcing import body, post, signed

CANARY = "Kanarienvogel"
Failing: TypeAlias = Callable[[str], TestResponse]
FIELDS = {
    "/sign-in": ["email", "password", "next"],
    "/forgot": ["email"],
    "/people": ["email", "name"],
    "/invitations": ["email", "name", "role"],
    "/cabinet/days/2026-05-14/fields/hrv": ["do", "value", "seen"],
    "/cabinet/sharing": ["share"],
    "/cabinet/whoop/connect": ["agree", "share"],
}


def everywhere(browser: Critic) -> None:
    """Put the canary into each form, query, header, cookie and callback."""
    marked = {"User-Agent": CANARY, "Referer": f"http://localhost/{CANARY}", "X-Anything": CANARY}
    for path, fields in FIELDS.items():
        values = dict.fromkeys(fields, f"{CANARY}@{CANARY}.example")
        browser.get(f"{path}?{CANARY}={CANARY}", headers=marked)
        browser.post_form(path, values, page="/account", headers=marked)
        browser.post(path, data=values, headers=marked)  # without the token of the form
    browser.get(f"/cabinet/whoop-callback?code={CANARY}&state={CANARY}", headers=marked)
    browser.get(f"/reset/{CANARY}", headers={**marked, "Cookie": f"coach={CANARY}"})
    browser.get(f"/invitations/{CANARY}")
    browser.get(f"/static/{CANARY}")


@pytest.mark.parametrize("who", ["bea", "ann", "olga"])
def test_no_form_query_header_or_callback_is_written_down(
    app: Flask, cast: Cast, logged: Lines, who: str
) -> None:
    somebody = getattr(cast, who)
    everywhere(Critic.of(app).sign_in(somebody))
    raw = body(trace_id=CANARY)
    post(app, raw, signed(raw, secret=CANARY))
    lines = logged()
    assert len(lines) > 30
    for secret in (CANARY, somebody.email, PASSWORD, "csrf_token="):
        assert secret not in json.dumps(lines)


def _fail(*_: object, **__: object) -> None:
    try:
        int(CANARY)
    except ValueError as error:
        raise KeyError(CANARY) from error


@pytest.mark.parametrize("where", ["accounts.signin.authenticate", "extensions.db.session.commit"])
def test_a_page_that_breaks_on_a_value_does_not_quote_it(
    failing: Failing, logged: Lines, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    assert failing(f"coach.{where}").status_code == 500
    written = "\n".join([json.dumps(logged()), *map(Discreet().format, caplog.records)])
    assert "builtins.KeyError" in written
    assert "builtins.ValueError" in written
    assert CANARY not in written


@pytest.fixture
def failing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Post the canary to a page while something behind it fails by quoting it."""

    def post_it(where: str) -> TestResponse:
        browser = Critic.of(app)
        fields = {
            "email": f"{CANARY}@example.org",
            "password": CANARY,
            "csrf_token": browser.token(),
        }
        monkeypatch.setattr(where, _fail)
        return browser.post(f"/sign-in?{CANARY}", data=fields)

    return post_it


def test_a_failure_is_told_by_places_and_kinds() -> None:
    def deep() -> None:
        raise ValueError(CANARY)

    try:
        deep()
    except ValueError as error:
        told = failures.story(error)
    assert told.endswith("builtins.ValueError")
    assert "in deep" in told
    assert CANARY not in told


def spoken(name: str, level: int, words: str, *given: object) -> dict[str, object]:
    record = logging.LogRecord(name, level, "", 0, words, given, None)
    line: dict[str, object] = json.loads(Discreet().format(record))
    return line


def test_libraries_keep_their_words_and_numbers_and_lose_every_other_value() -> None:
    rq = spoken("rq.worker", logging.ERROR, "job %s: %d failed\n%s", CANARY, 7, f"E({CANARY})")
    assert (rq["event"], rq["logger"]) == ("job …: 7 failed\n…", "rq.worker")
    assert CANARY not in str(spoken("x", logging.ERROR, "%(who)s", {"who": CANARY}))


def test_one_line_is_one_event_whatever_it_holds() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, 'a\r\n"}\x1b[2J\u2028', (), None)
    assert len(Discreet().format(record).splitlines()) == 1


def test_gunicorn_does_not_quote_the_request_it_refuses(caplog: pytest.LogCaptureFixture) -> None:
    logger = GunicornLogger(Config())
    try:
        refused = f"Invalid request from ip=127.0.0.1: Invalid Request Line 'GET /x?{CANARY}'"
        logger.warning(refused)
        logger.error("Error handling request %s", f"/x?{CANARY}", exc_info=ValueError(CANARY))
        written = [Discreet().format(record) for record in caplog.records]
    finally:
        logging.getLogger("gunicorn.error").handlers.clear()
    assert len(written) == 2
    assert "Invalid request from ip=127.0.0.1" in written[0]
    assert CANARY not in str(written)


def test_an_endpoint_is_named_by_our_own_words_only() -> None:
    assert pattern("/v2/cycle/93845/sleep") == "/v2/cycle/{id}/sleep"
    assert pattern(f"/v2/activity/workout/{CANARY}?nextToken={CANARY}") == (
        "/v2/activity/workout/{id}"
    )


def test_libraries_are_not_heard_below_warning(app: Flask) -> None:
    assert app.name in sys.modules
    for name in ("authlib", "httpx", "httpcore", "sqlalchemy.engine"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
