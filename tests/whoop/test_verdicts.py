"""What an answer of the token endpoint means, and what may be tried next: the table of cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from flask import Flask

from coach.whoop.apps import app_by_id, installation_app
from coach.whoop.grant.oauth import NoTokens, ask_for_tokens
from coach.whoop.grant.verdicts import (
    Facts,
    Outcome,
    Step,
    Try,
    confirm,
    decide,
    is_mass_failure,
)

NOW = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
TOKEN = "https://whoop.test/oauth/oauth2/token"
ALIVE, OVER = timedelta(minutes=4), timedelta(minutes=-1)


def _facts(left: timedelta, *tries: tuple[Outcome | None, int], **more: object) -> Facts:
    """Facts at NOW; each try as its outcome and its age in seconds, newest first."""
    made = tuple(Try(outcome, NOW - timedelta(seconds=age)) for outcome, age in tries)
    return replace(Facts(NOW, NOW + left, tries=made), **more)  # type: ignore[arg-type]


LATER, UNKNOWN, DEAD, UNCLEAR = Outcome.LATER, Outcome.UNKNOWN, Outcome.DEAD, Outcome.UNCLEAR
RENEWED = Outcome.RENEWED


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (_facts(ALIVE), Step.SEND),
        (_facts(OVER), Step.SEND),
        (_facts(OVER, (RENEWED, 1)), Step.SEND),
        (_facts(ALIVE, has_refresh=False), Step.KEEP),
        (_facts(OVER, has_refresh=False), Step.RECONNECT),
        (_facts(ALIVE, has_refresh=False, refused=True), Step.RECONNECT),
        # nobody knows what became of a try
        (_facts(ALIVE, (None, 600)), Step.KEEP),
        (_facts(OVER, (None, 5)), Step.WAIT),
        (_facts(OVER, (None, 31)), Step.SEND),
        (_facts(ALIVE, (None, 31), refused=True), Step.SEND),
        (_facts(OVER, (UNKNOWN, 1)), Step.SEND),
        (_facts(ALIVE, (UNKNOWN, 1), (UNKNOWN, 90)), Step.KEEP),
        (_facts(OVER, (UNKNOWN, 1), (None, 90)), Step.RECONNECT),
        (_facts(OVER, (LATER, 9000), (UNKNOWN, 9060)), Step.SEND),
        # WHOOP is not well
        (_facts(OVER, (LATER, 29)), Step.WAIT),
        (_facts(ALIVE, (LATER, 29)), Step.KEEP),
        (_facts(OVER, (LATER, 31)), Step.SEND),
        (_facts(OVER, (LATER, 59), (LATER, 100)), Step.WAIT),
        (_facts(OVER, (LATER, 61), (LATER, 100)), Step.SEND),
        (_facts(OVER, *[(LATER, 599 + each) for each in range(20)]), Step.WAIT),
        (_facts(OVER, *[(LATER, 601 + each) for each in range(20)]), Step.SEND),
        # it says things that may mean the end
        (_facts(OVER, (UNCLEAR, 599)), Step.WAIT),
        (_facts(OVER, (UNCLEAR, 601)), Step.SEND),
        (_facts(OVER, (DEAD, 3599)), Step.WAIT),
        (_facts(OVER, (DEAD, 3601)), Step.SEND),
        # it refuses our app
        (_facts(OVER, closed_until=NOW + timedelta(seconds=1)), Step.WAIT),
        (_facts(ALIVE, closed_until=NOW + timedelta(seconds=1)), Step.KEEP),
        (_facts(OVER, closed_until=NOW), Step.SEND),
        # it refuses a token that is new
        (_facts(ALIVE, refused=True, renewed_at=NOW - timedelta(minutes=9)), Step.WAIT),
        (_facts(ALIVE, refused=True, renewed_at=NOW - timedelta(minutes=11)), Step.SEND),
        (_facts(OVER, renewed_at=NOW - timedelta(minutes=1)), Step.SEND),
    ],
)
def test_the_next_step_follows_from_what_is_known(facts: Facts, step: Step) -> None:
    assert decide(facts).step is step


def test_only_a_fresh_token_that_is_refused_waits_because_of_that() -> None:
    fresh = _facts(ALIVE, refused=True, renewed_at=NOW - timedelta(minutes=1))
    assert decide(fresh).because_refused
    assert not decide(_facts(OVER, (LATER, 1))).because_refused


@pytest.mark.parametrize(
    ("said", "earlier", "outcome"),
    [
        (UNCLEAR, [], UNCLEAR),
        (UNCLEAR, [(UNCLEAR, 300)], UNCLEAR),
        (UNCLEAR, [(UNCLEAR, 601)], DEAD),
        (UNCLEAR, [(LATER, 5), (UNCLEAR, 601)], DEAD),
        (UNCLEAR, [(LATER, 601)], UNCLEAR),
        (DEAD, [], DEAD),
        (LATER, [(UNCLEAR, 601)], LATER),
    ],
)
def test_an_unclear_refusal_needs_a_second_one(
    said: Outcome, earlier: list[tuple[Outcome | None, int]], outcome: Outcome
) -> None:
    assert confirm(said, _facts(OVER, *earlier)) is outcome


@pytest.mark.parametrize(
    ("dead", "linked", "mass"),
    [(9, 9, False), (10, 10, True), (10, 199, True), (10, 200, False), (100, 20_000, False)],
)
def test_a_mass_failure_is_ten_and_more_than_one_in_twenty(
    dead: int, linked: int, *, mass: bool
) -> None:
    assert is_mass_failure(dead, linked) is mass


def _error(code: str) -> dict[str, object]:
    return {"json": {"error": code, "error_description": "…"}}


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (400, _error("invalid_grant"), DEAD),
        (400, _error("invalid_scope"), DEAD),
        (400, _error("invalid_request"), UNCLEAR),
        (401, _error("invalid_client"), Outcome.OUR_FAULT),
        (400, _error("unauthorized_client"), Outcome.OUR_FAULT),
        (429, {"text": "Rate limit exceeded"}, LATER),
        (500, {"text": ""}, LATER),
        (502, {"text": "<html>Bad Gateway</html>"}, LATER),
        (503, {"json": {"error": "temporarily_unavailable"}}, LATER),
        (403, {"text": "<html>Access denied</html>"}, LATER),
        (302, {"headers": {"Location": "https://elsewhere.test/"}}, LATER),
        (200, {"text": "<html>Maintenance</html>"}, LATER),
        (200, {"text": '{"access_token": "abc", "refr'}, UNKNOWN),
        (200, {"text": ""}, UNKNOWN),
        (200, {"json": {"refresh_token": "x"}}, UNKNOWN),
    ],
)
def test_answers_of_the_token_endpoint_are_sorted_by_what_to_do(
    app: Flask,
    respx_mock: respx.MockRouter,
    status: int,
    answer: dict[str, object],
    outcome: Outcome,
) -> None:
    respx_mock.post(TOKEN).respond(status, **answer)  # type: ignore[arg-type]
    assert _asked(app) is outcome


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (httpx.ConnectError("refused"), LATER),
        (httpx.ConnectTimeout("slow"), LATER),
        (httpx.ReadTimeout("silent"), UNKNOWN),
        (httpx.ReadError("reset"), UNKNOWN),
        (httpx.RemoteProtocolError("closed"), UNKNOWN),
    ],
)
def test_an_answer_that_never_came_is_unknown_only_if_we_were_heard(
    app: Flask, respx_mock: respx.MockRouter, trouble: Exception, outcome: Outcome
) -> None:
    respx_mock.post(TOKEN).mock(side_effect=trouble)
    assert _asked(app) is outcome


def test_an_answer_is_waited_for_as_long_as_the_lock_allows(
    app: Flask, respx_mock: respx.MockRouter
) -> None:
    """To give up at 15 s, while WHOOP answers at 40, would cost the grant."""
    route = respx_mock.post(TOKEN).respond(500)
    _asked(app)
    assert route.calls[0].request.extensions["timeout"]["read"] == 50.0


def _asked(app: Flask) -> Outcome:
    with app.app_context():
        known = app_by_id(installation_app())
        with pytest.raises(NoTokens) as failure:
            ask_for_tokens("refresh", known)
    return failure.value.outcome
