"""A key whose first call came to nothing: it is never lost, and never in the way."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from coach.api.idempotency import GIVEN_UP
from coach.api.models import IdempotencyKey
from coach.api.resources import whoop
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.whoop.errors import Unavailable
from coach.whoop.linking.links import LinkedElsewhere
from tests.api.conftest import MakeProgram, Program
from tests.cast import Cast

KEY = {"Idempotency-Key": "one"}
EXCHANGE = ("/whoop/exchanges", {"code": "c", "state": "s"})


@pytest.fixture
def bea(cast: Cast, program: MakeProgram) -> Program:
    return program(cast.bea)


def test_after_a_failure_of_ours_the_call_may_be_made_again(
    bea: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def committing(*_said: object) -> None:
        db.session.commit()  # as the real one does before it asks WHOOP
        raise Unavailable("WHOOP is away")

    with monkeypatch.context() as away:
        away.setattr(whoop, "exchange_elsewhere", committing)
        assert bea.post(*EXCHANGE, headers=KEY).status_code == 503
    assert bea.post(*EXCHANGE, headers=KEY).status_code == 422  # WHOOP never gave this state


def test_a_refusal_that_took_back_what_it_did_is_repeated_too(
    bea: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_said: object) -> None:
        raise LinkedElsewhere

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(whoop, "exchange_elsewhere", taken)
        assert bea.post(*EXCHANGE, headers=KEY).status_code == 409
    again = bea.post(*EXCHANGE, headers=KEY)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (409, "true")


def test_a_call_that_is_under_way_is_waited_for_and_a_dead_one_is_not(
    app: Flask, cast: Cast, bea: Program
) -> None:
    bea.post("/clients/me/moods", {"rating": 7}, headers=KEY)
    _be_under_way(app, cast, since=timedelta())
    waiting = bea.post("/clients/me/moods", {"rating": 7}, headers=KEY)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (409, "1")
    _be_under_way(app, cast, since=GIVEN_UP)
    again = bea.post("/clients/me/moods", {"rating": 7}, headers=KEY)
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers


def _be_under_way(app: Flask, cast: Cast, *, since: timedelta) -> None:
    """Let the process that does the call have died so long ago."""
    then = datetime.now(UTC) - since
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        db.session.execute(update(IdempotencyKey).values(status=None, created_at=then))
        db.session.commit()
        act_for_nobody()
