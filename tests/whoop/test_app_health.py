"""What befalls a whole app is not its clients' doing: a wrong secret, and grants dying in masses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import structlog
from flask import Flask
from sqlalchemy import func, insert, update

from coach.accounts.models import Client
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop import apps
from coach.whoop.errors import MustReconnect, Unavailable
from coach.whoop.grant import app_health, keeping
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.grant.verdicts import Outcome
from coach.whoop.models import WhoopApp
from tests.cast import Cast
from tests.whoop.granting import ENDED, Given, TokenEndpoint, give

Grow = Callable[[int], list[Given]]


@pytest.fixture
def whoop_app(app: Flask) -> UUID:
    """Give a WHOOP app that nobody else counts for."""
    row_id = new_id()
    with app.app_context():
        sealed = {"sealed": apps.sealed_for(row_id, "s3cret"), "since": "2026-05-14T00:00:00Z"}
        row = {"id": row_id, "slug": f"app-{row_id}", "client_id": "x", "sealed_secrets": [sealed]}
        db.session.execute(insert(WhoopApp).values(row))
        db.session.commit()
        db.session.remove()
    return row_id


@pytest.fixture
def whoop_tokens(monkeypatch: pytest.MonkeyPatch) -> TokenEndpoint:
    endpoint = TokenEndpoint("refresh-0")
    monkeypatch.setattr(keeping, "ask_for_tokens", endpoint)
    return endpoint


@pytest.fixture
def grow(app: Flask, cast: Cast, whoop_app: UUID) -> Grow:
    """Give so many clients of one app, all with tokens that have ended."""

    def one(_: int) -> Given:
        who = replace(cast.bea, client_id=new_id())
        with app.app_context(), acting_for(who.organisation_id):
            row = {"organisation_id": who.organisation_id, "id": who.client_id}
            db.session.execute(insert(Client).values(row | {"name": "N", "timezone": "UTC"}))
            db.session.commit()
            db.session.remove()
        return give(app, who, lives=ENDED, whoop_app_id=whoop_app)

    return lambda number: [one(each) for each in range(number)]


def _ends(many: list[Given]) -> list[str]:
    return [_end(each) for each in many]


def _end(given: Given) -> str:
    try:
        return given.access_token()
    except (MustReconnect, Unavailable) as error:
        return type(error).__name__


def _set_standing(given: Given, **values: object) -> None:
    with given.inside(), db.engine.begin() as connection:
        mine = AppStanding.whoop_app_id == given.whoop_app_id
        connection.execute(update(AppStanding).where(mine).values(values))


def test_a_wrong_secret_flags_nobody_tells_once_and_mends_itself(
    grow: Grow, whoop_tokens: TokenEndpoint
) -> None:
    many = grow(4)
    whoop_tokens.says = Outcome.OUR_FAULT
    with structlog.testing.capture_logs() as said:
        assert _ends(many) == ["Unavailable"] * 4
    assert whoop_tokens.calls == 1, "the circuit is open"
    _set_standing(many[0], closed_until=func.now())
    with structlog.testing.capture_logs() as later:
        assert _ends(many) == ["Unavailable"] * 4
    assert whoop_tokens.calls == 2
    alerts = [each for each in [*said, *later] if each["event"] == "whoop_refuses_our_app"]
    assert len(alerts) == 1
    assert {each.status() for each in many} == {"active"}
    _set_standing(many[0], closed_until=func.now())
    whoop_tokens.says = None
    assert _ends(many[:1]) == [many[0].stored()]
    with structlog.testing.capture_logs() as again, many[0].app.app_context():
        app_health.close(many[0].whoop_app_id)
    assert [each["event"] for each in again] == ["whoop_refuses_our_app"], "it is news again"


def test_a_mass_of_dead_grants_freezes_the_verdicts_for_a_day(
    grow: Grow, whoop_tokens: TokenEndpoint
) -> None:
    many = grow(14)
    whoop_tokens.says = Outcome.DEAD
    with structlog.testing.capture_logs() as said:
        assert _ends(many) == ["MustReconnect"] * 9 + ["Unavailable"] * 5
    assert [each["event"] for each in said].count("whoop_verdicts_frozen") == 1
    assert _ends(many[9:]) == ["Unavailable"] * 5
    assert whoop_tokens.calls == 14, "a grant that may be dead is not asked about again at once"

    recovering, gone = many[-1], many[-2]
    for each in (recovering, gone):
        each.age_tries(timedelta(minutes=61))
    whoop_tokens.says = None
    assert recovering.access_token() == recovering.stored(), "what WHOOP mends works at once"
    whoop_tokens.says = Outcome.DEAD
    assert _end(gone) == "Unavailable"

    _set_standing(gone, frozen_until=func.now())  # a day later
    gone.age_tries(timedelta(minutes=61))
    assert _end(gone) == "MustReconnect"


def test_an_operator_can_let_the_verdicts_fall(grow: Grow, whoop_tokens: TokenEndpoint) -> None:
    many = grow(11)
    whoop_tokens.says = Outcome.DEAD
    assert _ends(many)[-1] == "Unavailable"
    with many[0].app.app_context():
        app_health.release(many[0].whoop_app_id)
    many[-1].age_tries(timedelta(minutes=61))
    assert _end(many[-1]) == "MustReconnect"


def test_one_link_that_dies_often_is_no_mass(grow: Grow, whoop_tokens: TokenEndpoint) -> None:
    (given,) = grow(1)
    whoop_tokens.says = Outcome.DEAD
    for _ in range(11):
        assert _end(given) == "MustReconnect"
        given.age_tries(timedelta(minutes=61))
        with given.inside(), db.engine.begin() as connection:
            mine = TokenCall.integration_id == given.id
            connection.execute(update(TokenCall).where(mine).values(ended_at=func.now()))
