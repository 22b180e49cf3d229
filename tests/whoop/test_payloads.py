"""WHOOP may send what it likes: we keep what makes sense and never fall over."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from coach.days.metrics import METRICS
from coach.whoop.mapping import describe, tell, weight_kg
from coach.whoop.payloads import (
    BodyMeasurement,
    Cycle,
    Payload,
    RawPage,
    RecordKind,
    Recovery,
    ScoreState,
    Sleep,
    Unreadable,
    UserProfile,
    Workout,
    parse_page,
    parse_record,
)
from tests.whoop import records

TODAY = datetime(2026, 5, 15, tzinfo=UTC).date()
SHAPES: Mapping[RecordKind, type[Payload]] = {
    RecordKind.CYCLE: Cycle,
    RecordKind.RECOVERY: Recovery,
    RecordKind.SLEEP: Sleep,
    RecordKind.WORKOUT: Workout,
    RecordKind.BODY_MEASUREMENT: BodyMeasurement,
}
HONEST: Mapping[RecordKind, records.Raw] = {
    RecordKind.CYCLE: records.cycle(),
    RecordKind.RECOVERY: records.recovery(),
    RecordKind.SLEEP: records.sleep(),
    RecordKind.WORKOUT: records.workout(),
    RecordKind.BODY_MEASUREMENT: {
        "height_meter": 1.83,
        "weight_kilogram": 90.7,
        "max_heart_rate": 200,
    },
}
NONSENSE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63) - 1, 10**400, 0, -1])
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(
        ["NaN", "-1", "1e999", "Z", "9999-12-31T23:59:59-14:00", "0001-01-01", "x" * 10**5]
    )
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2)
)


@pytest.mark.parametrize("kind", SHAPES)
def test_an_honest_record_is_read_without_a_word(kind: RecordKind) -> None:
    record, problems = SHAPES[kind].parse(HONEST[kind])
    assert record is not None
    assert problems == []


@pytest.mark.parametrize("kind", SHAPES)
def test_what_is_null_and_what_is_absent_are_the_same(kind: RecordKind) -> None:
    shape = SHAPES[kind]
    needed = {name: HONEST[kind][name] for name in shape.indispensable}
    null = dict.fromkeys(HONEST[kind]) | needed
    assert shape.parse(null) == shape.parse(needed)
    assert shape.parse(null)[1] == []


@pytest.mark.parametrize("kind", SHAPES)
def test_a_record_is_refused_only_without_what_tells_it_from_others(kind: RecordKind) -> None:
    for name in SHAPES[kind].indispensable:
        record, problems = SHAPES[kind].parse(HONEST[kind] | {name: None})
        assert record is None
        assert [problem.field for problem in problems] == [f"{SHAPES[kind].__name__}.{name}"]


@pytest.mark.parametrize("bad", ["much", True, "NaN", "Infinity", [], {}, float("nan"), 10**400])
def test_a_bad_field_is_reported_and_its_siblings_live(bad: object) -> None:
    score = {"strain": bad, "kilojoule": "9554.25", "average_heart_rate": "62"}
    cycle, problems = Cycle.parse(records.cycle(score=score))
    assert cycle is not None
    assert cycle.score is not None
    assert cycle.score.strain is None
    assert (cycle.score.kilojoule, cycle.score.average_heart_rate) == (9554.25, 62)
    assert [(problem.key, problem.field) for problem in problems] == [("7", "CycleScore.strain")]


@pytest.mark.parametrize("bad", [2**63, 62.5, True, "6 2"])
def test_a_whole_number_is_whole_and_fits(bad: object) -> None:
    cycle, problems = Cycle.parse(records.cycle(step_count=bad))
    assert cycle is not None
    assert cycle.step_count is None
    assert [problem.field for problem in problems] == ["Cycle.step_count"]


def test_a_problem_never_tells_the_value() -> None:
    _, problems = UserProfile.parse({"user_id": 1, "email": ["ann@example.org"]})
    assert "ann" not in repr(problems)


@pytest.mark.parametrize("state", ["DREAMT", None, 5, [], {}])
def test_a_state_we_never_heard_of_is_unknown(state: object) -> None:
    cycle, problems = Cycle.parse(records.cycle(score_state=state))
    assert cycle is not None
    assert cycle.score_state is ScoreState.UNKNOWN
    assert problems == []


@pytest.mark.parametrize(
    "text", ["2026-05-13T22:00:00.000Z", "2026-05-14T00:00:00+02:00", "2026-05-13T22:00:00"]
)
def test_times_are_in_utc(text: str) -> None:
    cycle, _ = Cycle.parse(records.cycle(start=text))
    assert cycle is not None
    assert cycle.start == records.FELL_ASLEEP
    assert cycle.start.tzinfo is UTC


@pytest.mark.parametrize(
    "bad", [1747173600, "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31"]
)
def test_what_is_no_time_of_ours_refuses_the_record(bad: object) -> None:
    record, problems = Sleep.parse(records.sleep(start=bad))
    assert record is None
    assert [problem.field for problem in problems] == ["Sleep.start"]


def test_many_are_read_and_those_refused_are_named() -> None:
    good, problems = Workout.parse_all([records.workout(), records.workout(id="not a uuid")])
    assert len(good) == 1
    assert [(problem.record, problem.key) for problem in problems] == [("Workout", "not a uuid")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>sorry</html>",
        b'{"records": [{"id": 1',
        b"[]",
        b"null",
        b"{}",
        b'{"records": null}',
        b'{"records": {}, "next_token": null}',
        b'{"records": [], "next_token": 5}',
        b'{"records": [' + b"9" * 5000 + b"]}",
        b'{"records": ' + b"[" * 100_000,
        b'{"records": [' + b"[" * 500 + b"]" * 500 + b"]}",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_page_is_never_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_page(body)


@pytest.mark.parametrize("end", [b"", b', "next_token": null', b', "next_token": ""'])
def test_the_last_page_has_no_token(end: bytes) -> None:
    assert parse_page(b'{"records": []' + end + b"}") == RawPage([], None)


def test_entries_that_are_no_records_are_counted() -> None:
    page = parse_page(b'{"records": [{"id": 1}, 2, null], "next_token": "on"}')
    assert page == RawPage([{"id": 1}], "on", refused=2)


def test_what_is_kept_is_json_that_postgresql_takes() -> None:
    body = b'{"a": NaN, "b": [1e999], "c": "x\\u0000\\ud800", "\\u0000": {"d": -Infinity}}'
    kept = parse_record(body)
    assert kept == {"a": "NaN", "b": ["1e999"], "c": "x\ufffd?", "\ufffd": {"d": "-Infinity"}}
    assert "\\u0000" not in json.dumps(kept, allow_nan=False)


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_nonsense_anywhere_leaves_us_standing(data: DataObject) -> None:
    survive(data)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_twenty_thousand_kinds_of_nonsense_leave_us_standing(data: DataObject) -> None:
    survive(data)


def survive(data: DataObject) -> None:
    raws = {kind: copy.deepcopy(raw) for kind, raw in HONEST.items()}
    for _ in range(data.draw(st.integers(1, 4))):
        spoil(raws[data.draw(st.sampled_from(list(HONEST)))], data)
    for kind, raw in raws.items():
        facts, _ = describe(kind, raw, fetched_on=TODAY)
        assert (facts is None) <= (SHAPES[kind].parse(raw)[0] is None)
    told, _ = tell(
        Cycle.parse_all([raws[RecordKind.CYCLE]])[0],
        Sleep.parse_all([raws[RecordKind.SLEEP]])[0],
        Recovery.parse_all([raws[RecordKind.RECOVERY]])[0],
        Workout.parse_all([raws[RecordKind.WORKOUT]])[0],
    )
    for cycle in told.cycles:
        assert all(METRICS[name].accepts(value) for name, value in cycle.reading.values.items())
    body, _ = BodyMeasurement.parse(raws[RecordKind.BODY_MEASUREMENT])
    assert body is not None
    assert weight_kg(body) is None or METRICS["weight_kg"].accepts(weight_kg(body))


def spoil(raw: records.Raw, data: DataObject) -> None:
    """Replace, remove or add a field at any depth."""
    name = data.draw(st.sampled_from([*raw, "something_new"]))
    inside = raw.get(name)
    if isinstance(inside, dict) and inside and data.draw(st.booleans()):
        spoil(inside, data)
    elif data.draw(st.booleans()):
        raw[name] = data.draw(NONSENSE)
    else:
        raw.pop(name, None)
