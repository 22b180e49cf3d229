"""Whatever is wrong with a call, a problem names the field and the reason; nothing else is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from coach.api.models import ApiToken
from coach.api.operations import MOST_JSON_BYTES
from coach.api.scopes import Scope
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.api.conftest import Answer, MakeProgram, Program
from tests.api.matrix import API_MATRIX, Operation
from tests.cast import Cast

ABSENT = "0198a4f0-dead-7000-8000-000000000000"
DAY = "/clients/me/days/2026-05-14"
MOODS, TAGS, SYNCS = "/clients/me/moods", "/clients/me/tags", "/clients/me/syncs"
SPAN = {"kind": "ill", "first_date": "2026-05-14", "last_date": "2026-05-01"}

# The call, and the field that its problem names.
BODIES: list[tuple[str, str, Any, str]] = [
    ("POST", MOODS, {"rating": 0}, "rating"),
    ("POST", MOODS, {"rating": 11}, "rating"),
    ("POST", MOODS, {"rating": 7.5}, "rating"),
    ("POST", MOODS, {"rating": True}, "rating"),
    ("POST", MOODS, {"rating": None}, "rating"),
    ("POST", MOODS, {"rating": 7, "date": "2026-02-30"}, "date"),
    ("POST", MOODS, {"rating": 7, "date": "2999-01-01"}, "date"),
    ("POST", MOODS, {"rating": 7, "date": "0001-01-01"}, "date"),
    ("POST", MOODS, {"rating": 7, "date": 20260514}, "date"),
    ("POST", MOODS, {"rating": 7, "colour": "red"}, "colour"),
    ("POST", MOODS, [], "body"),
    ("POST", MOODS, "seven", "body"),
    ("PUT", DAY, {"version": -1}, "version"),
    ("PUT", DAY, {"version": 2**63}, "version"),
    ("PUT", DAY, {"version": 0, "values": {"hrv": 10**9}}, "values.hrv"),
    ("PUT", DAY, {"version": 0, "values": {"hrv": -1}}, "values.hrv"),
    ("PUT", DAY, {"version": 0, "values": {"hrv": "61"}}, "values.hrv"),
    ("PUT", DAY, {"version": 0, "values": {"hrv": {"x": 1}}}, "values.hrv"),
    ("PUT", DAY, {"version": 0, "values": {"pulse": 1}}, "values.pulse"),
    ("PUT", DAY, {"version": 0, "values": {"notes": "n" * 10**5}}, "values.notes"),
    ("PUT", DAY, {"version": 0, "use_device": ["pulse"]}, "values.pulse"),
    ("PUT", "/clients/me/days/2026-02-30", {"version": 0}, "date"),
    ("PUT", "/clients/me/days/2999-01-01", {"version": 0}, "date"),
    ("PUT", "/clients/me/days/yesterday", {"version": 0}, "date"),
    ("POST", TAGS, {"kind": "tired", "first_date": "2026-05-14"}, "kind"),
    ("POST", TAGS, {"kind": "ill", "first_date": "1999-05-14"}, "first_date"),
    ("POST", TAGS, {**SPAN, "last_date": "2101-01-01"}, "last_date"),
    ("POST", TAGS, SPAN, "body"),
    ("POST", TAGS, {"kind": "ill", "first_date": "2026-05-14", "note": "\0"}, "note"),
    ("PUT", "/clients/me/check-ins/2026-05-14", {}, "body"),
    ("PUT", "/clients/me/check-ins/2026-05-14", {"stress": 8}, "stress"),
    ("PATCH", "/clients/me/preferences", {"locale": "xx"}, "locale"),
    ("PATCH", "/clients/me/preferences", {"reminder_hour": 24}, "reminder_hour"),
    ("PUT", "/clients/me/consents", {"groups": ["blood"]}, "groups.0"),
    ("PUT", "/clients/me/insights/rewriting", {"agreed": "maybe"}, "agreed"),
    ("POST", "/whoop/exchanges", {"code": "", "state": "s"}, "code"),
    ("POST", "/whoop/authorizations", {"redirect_uri": "https://evil.example"}, "redirect_uri"),
]
QUERIES = [
    ("/clients/me/days?limit=0", "limit"),
    ("/clients/me/days?limit=100000", "limit"),
    ("/clients/me/days?limit=many", "limit"),
    ("/clients/me/days?cursor=x", "cursor"),
    ("/clients/me/days?cursor=WyJub3BlIl0", "cursor"),
    ("/clients/me/days?start_date=2026-13-01", "start_date"),
    ("/clients/me/days?start_date=2026-05-02&end_date=2026-05-01", "body"),
    ("/clients/me/days?page=2", "page"),
    ("/clients/me/days?fields=", None),
    ("/clients/me/days?fields=secret", "fields"),
    ("/clients/me/days/2026-02-30", "date"),
    ("/clients/me/days/20260514", "date"),
    ("/clients/me/insights/words?date=today", "date"),
    ("/clients/me/profile?expand=all", "expand"),
]


@pytest.fixture
def bea(cast: Cast, program: MakeProgram) -> Program:
    return program(cast.bea)


def named(answer: Answer) -> list[str]:
    """Read which fields a problem names, each with a reason."""
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text
    assert all(each["reason"] for each in answer.json["errors"])
    return [each["field"] for each in answer.json["errors"]]


@pytest.mark.parametrize(("method", "path", "said", "field"), BODIES)
def test_a_body_that_is_wrong_is_refused_by_field(
    bea: Program, method: str, path: str, said: Any, field: str
) -> None:
    assert named(bea(method, path, json=said)) == [field]


@pytest.mark.parametrize(("path", "field"), QUERIES)
def test_a_query_that_is_wrong_is_refused_by_field(
    bea: Program, path: str, field: str | None
) -> None:
    answer = bea.get(path)
    if field is None:
        assert answer.status_code == 200
    else:
        assert named(answer) == [field]


@pytest.mark.parametrize("body", ["{", "NaN", '{"rating": NaN}', "[" * 100_000, "\xff"])
def test_what_is_no_json_is_no_call(bea: Program, body: str) -> None:
    answer = bea("POST", MOODS, data=body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("kind", [None, "application/json"])
def test_no_body_says_nothing(bea: Program, kind: str | None) -> None:
    assert bea("PATCH", "/clients/me/preferences", content_type=kind).status_code == 200
    assert named(bea("POST", MOODS, content_type=kind)) == ["rating"]


def test_a_body_that_is_too_long_is_not_read(bea: Program) -> None:
    said = '{"rating": 7, "colour": "' + "r" * MOST_JSON_BYTES + '"}'
    answer = bea("POST", MOODS, data=said, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_a_problem_never_repeats_what_it_was_sent(bea: Program) -> None:
    answer = bea.post(MOODS, {"rating": "a secret", "date": "another secret"})
    assert "secret" not in answer.text


@pytest.mark.parametrize("header", ["Bearer coach_x", "Bearer", "Basic eA==", ""])
def test_a_token_that_is_none_is_told_just_that(bea: Program, header: str) -> None:
    refused(bea.get(MOODS, headers={"Authorization": header}))


@pytest.mark.parametrize("ended", [ApiToken.expires_at, ApiToken.revoked_at])
def test_a_token_that_has_ended_opens_nothing(
    app: Flask, cast: Cast, bea: Program, ended: InstrumentedAttribute[datetime | None]
) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        db.session.execute(update(ApiToken).values({ended: past}))
        db.session.commit()
        act_for_nobody()
    refused(bea.get(MOODS))


def refused(answer: Answer) -> None:
    """See that a call was not let in, and that nothing more is told."""
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_something_else_is_told_which_scope_it_lacks(
    cast: Cast, program: MakeProgram
) -> None:
    answer = program(cast.bea, Scope.READ_JOURNAL).get(MOODS)
    assert (answer.status_code, answer.json["detail"]) == (
        403,
        "This token has not the scope read:days.",
    )


def test_a_token_that_calls_too_often_waits(
    app: Flask, bea: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = app.config["SETTINGS"].model_copy(update={"api_rate_limit_per_minute": 2})
    monkeypatch.setitem(app.config, "SETTINGS", few)
    answers = [bea.get(MOODS) for _ in range(6)]  # a minute may end among them
    late = [each for each in answers if each.status_code == 429]
    assert late
    for each in late:
        assert each.mimetype == "application/problem+json"
        assert 1 <= int(each.headers["Retry-After"]) <= 60
        assert each.headers["RateLimit-Limit"] == "2"
        assert each.headers["RateLimit-Remaining"] == "0"


@pytest.fixture
def strangers(cast: Cast) -> list[str]:
    """List ids of clients that Ann may not know of: another's, another organisation's, nobody's."""
    return [str(cast.carl.client_id), str(cast.xenia.client_id), ABSENT, "ext:nobody", "nonsense"]


NAMING_A_CLIENT = [each for each in API_MATRIX if "{client}" in f"{each.path} {each.body}"]


@pytest.mark.parametrize("operation", NAMING_A_CLIENT)
def test_foreign_and_absent_ids_are_answered_alike(
    cast: Cast, program: MakeProgram, strangers: list[str], operation: Operation
) -> None:
    carla = program(cast.carla)
    answers = {_told(carla, operation, each) for each in [*strangers, str(cast.bea.client_id)]}
    assert len(answers) == 1
    service = program(cast.olga, service=True)  # for which Carl is none
    assert len({_told(service, operation, each) for each in strangers[1:]}) == 1


def _told(caller: Program, operation: Operation, client: str) -> tuple[object, ...]:
    body = operation.body and {
        name: client if value == "{client}" else value for name, value in operation.body.items()
    }
    more = {} if body is None else {"json": body}
    answer = caller(operation.method, operation.path.replace("{client}", client), **more)
    said = {name: value for name, value in (answer.json or {}).items() if name != "request_id"}
    passing = {"X-Request-ID", "Server-Timing", "Date", "RateLimit-Remaining", "RateLimit-Reset"}
    kept = sorted((name, value) for name, value in answer.headers if name not in passing)
    return answer.status_code, str(said), str(kept)
