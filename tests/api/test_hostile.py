"""What no caller sends by mistake: every list and every date answers it, and none with an error of ours."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.api.conftest import MakeProgram, Program
from tests.api.matrix import API_MATRIX
from tests.cast import Cast

FAR = [
    "0001-01-01",
    "9999-12-31",
    "2024-02-29",
    "2023-02-29",
    "-001-01-01",
    "\N{FULLWIDTH DIGIT TWO}026-05-14",
]
PLACES: list[object] = [
    ["2026-01-01T00:00:00+23:59", "x"],
    ["0001-01-01T00:00:00+14:00", "x"],
    ["9999-12-31T23:59:59-14:00", "x"],
    ["2026-01-01T00:00:00", "x"],
    ["0001-01-01"],
    ["20260514"],
    ["00000000-0000-0000-0000-000000000000"],
    ["\ud800"],
    ["x" * 300],
    [[]],
    {"a": 1},
    [float("nan")],
    [True, 10**400],
    None,
]
TWICE = '{"rating": 11, "rating": 5}'


def cursors() -> Iterator[str]:
    for place in PLACES:
        yield base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    yield from ("%00", "====", "A", "é", "x" * 1500, "x" * 1501)


QUERIES = [
    *(f"cursor={quote(each, safe='%')}" for each in cursors()),
    *(f"{name}={quote(day)}" for day in FAR for name in ("start_date", "end_date", "date")),
    *("start_date=0001-01-01&end_date=9999-12-31", "limit=1e3", "limit=NaN", "limit=-1"),
    *("limit=99999999999999999999", "limit[]=1", "%00=1", "search=%00", "search=%ED%A0%80"),
    *("sort=hrv&date=0001-01-01", "sort=name&date=9999-12-31", "kind=sleep&end_date=9999-12-31"),
]


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a token call as often as it likes."""
    monkeypatch.setattr("coach.api.pacing.Bearer.exhausted", False)


@pytest.mark.usefixtures("unlimited")
def test_no_list_breaks_on_what_is_asked_of_it(cast: Cast, program: MakeProgram) -> None:
    bea, ann = program(cast.bea), program(cast.ann)
    lists = [each for each in API_MATRIX if each.name.startswith("list_")]
    reads = [(bea, each.path.replace("{client}", "me")) for each in lists if "{" in each.path]
    reads += [(ann, each.path) for each in lists if "{" not in each.path] + [(ann, "/roster")]
    wrong = [
        (path, query, status)
        for caller, path in reads
        for query in QUERIES
        if (status := _status(caller, f"{path}?{query}")) not in {200, 403, 404, 422}
    ]
    assert wrong == []


@pytest.mark.parametrize("day", FAR)
def test_a_far_day_is_a_day_or_none(cast: Cast, program: MakeProgram, day: str) -> None:
    bea = program(cast.bea)
    for path in ("days", "health"):
        assert _status(bea, f"/clients/me/{path}/{quote(day)}") in {404, 422}
    said = {"start_date": day, "end_date": day}
    assert bea.post("/clients/me/syncs", said).status_code in {404, 422}


def test_a_field_that_is_said_twice_is_refused(cast: Cast, program: MakeProgram) -> None:
    bea = program(cast.bea)
    said = bea("POST", "/clients/me/moods", data=TWICE, content_type="application/json")
    assert said.status_code == 400
    assert bea.get("/clients/me/moods?limit=1&limit=2").status_code == 422


def _status(caller: Program, path: str) -> int:
    answer = caller.get(path)
    assert answer.status_code < 400 or answer.mimetype == "application/problem+json", path
    return answer.status_code
