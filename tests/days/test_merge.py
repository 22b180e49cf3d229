"""Merging: a person is believed first, then the API, then the export."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.days.merge import Day, Reading, merge
from coach.days.metrics import METRICS, Source, Value

FIELDS = sorted(METRICS)
VALUES: st.SearchStrategy[Value] = st.none() | st.integers(0, 100) | st.just("felt fine")


@st.composite
def readings_of(draw: st.DrawFn, source: Source) -> Reading:
    values = draw(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
    doubtful = draw(st.frozensets(st.sampled_from(FIELDS), max_size=4))
    return Reading(source, values, doubtful, draw(st.booleans()), draw(st.booleans()))


@st.composite
def days_told(draw: st.DrawFn) -> list[Reading]:
    sources = draw(st.lists(st.sampled_from(Source), unique=True))
    return [draw(readings_of(source)) for source in sources]


def manual(**values: Value) -> Reading:
    return Reading(Source.MANUAL, values)


def api(*, provisional: bool = False, calibrating: bool = False, **values: Value) -> Reading:
    return Reading(Source.WHOOP, values, provisional=provisional, calibrating=calibrating)


def export(doubtful: Sequence[str] = (), *, provisional: bool = False, **values: Value) -> Reading:
    return Reading(Source.EXPORT, values, frozenset(doubtful), provisional)


@given(readings_of(Source.MANUAL), days_told())
def test_what_a_person_typed_always_wins(typed: Reading, others: list[Reading]) -> None:
    day = merge([typed, *(one for one in others if one.source is not Source.MANUAL)])
    for name, value in typed.values.items():
        assert (day.values[name], day.sources[name]) == (value, Source.MANUAL)


@given(days_told())
def test_the_order_of_readings_is_irrelevant(readings: list[Reading]) -> None:
    assert all(merge(order) == merge(readings) for order in permutations(readings))


@given(days_told())
def test_each_value_is_what_its_source_said(readings: list[Reading]) -> None:
    day = merge(readings)
    said = {one.source: one.values for one in readings}
    assert (
        day.values.keys() == day.sources.keys() == {name for one in readings for name in one.values}
    )
    assert all(said[source][name] == day.values[name] for name, source in day.sources.items())


@given(days_told())
def test_a_doubt_belongs_to_the_value_that_is_shown(readings: list[Reading]) -> None:
    day = merge(readings)
    doubts = {one.source: one.doubtful for one in readings}
    assert day.doubtful == {name for name, source in day.sources.items() if name in doubts[source]}


def test_the_api_is_finer_than_the_export() -> None:
    day = merge([export(hrv=62, strain=11.2), api(hrv=61.84)])
    assert day.values == {"hrv": 61.84, "strain": 11.2}
    assert day.sources == {"hrv": Source.WHOOP, "strain": Source.EXPORT}


def test_empty_on_purpose_stays_empty() -> None:
    day = merge([manual(hrv=None), api(hrv=61.84), export(hrv=62)])
    assert day.values == {"hrv": None}
    assert day.sources == {"hrv": Source.MANUAL}


def test_a_source_that_says_nothing_changes_nothing() -> None:
    full = export(recovery_score=66, strain=11.2)
    assert merge([full, api(), manual()]) == merge([full])


def test_without_the_manual_reading_whoops_value_is_back() -> None:
    assert merge([api(sleep_hours=7.2)]).values == {"sleep_hours": 7.2}


def test_the_apis_value_carries_no_doubt_of_the_export() -> None:
    doubted = export(["recovery_score", "hrv"], recovery_score=6, hrv=31)
    assert merge([doubted]).doubtful == {"recovery_score", "hrv"}
    assert merge([doubted, api(recovery_score=57)]).doubtful == {"hrv"}


def test_a_person_settles_a_doubt_even_by_leaving_it_empty() -> None:
    doubted = export(["recovery_score", "hrv"], recovery_score=6, hrv=31)
    assert merge([doubted, manual(recovery_score=55, hrv=None)]).doubtful == frozenset()


def test_a_doubt_about_a_value_nobody_gave_is_dropped() -> None:
    assert merge([export(["spo2"], recovery_score=6)]).doubtful == frozenset()


@pytest.mark.parametrize(
    ("readings", "state"),
    [
        ([], "final"),
        ([manual(hrv=60)], "final"),
        ([api(provisional=True)], "provisional"),
        ([export(provisional=True)], "provisional"),
        ([export(provisional=True), api()], "final"),
        ([export(), api(provisional=True)], "provisional"),
        ([api(provisional=True), manual(strain=9)], "provisional"),
    ],
)
def test_the_finest_device_reading_says_whether_the_day_is_over(
    readings: list[Reading], state: str
) -> None:
    assert merge(readings).state == state


@pytest.mark.parametrize(
    ("readings", "calibrating"),
    [
        ([], False),
        ([api()], False),
        ([api(calibrating=True)], True),
        ([api(calibrating=True), export(), manual(hrv=60)], True),
    ],
)
def test_a_calibrating_strap_is_told(readings: list[Reading], *, calibrating: bool) -> None:
    assert merge(readings).calibrating is calibrating


@pytest.mark.parametrize(
    ("readings", "source"),
    [
        ([], "manual"),
        ([manual(hrv=60)], "manual"),
        ([api(hrv=60)], "whoop"),
        ([export(hrv=60)], "whoop"),
        ([manual(hrv=61), api(hrv=60)], "manual"),
        ([manual(hrv=None), export(hrv=60)], "manual"),
        ([manual(hrv=61), api(strain=9.1)], "whoop"),
        ([manual(hrv=61), api(spo2=None)], "manual"),
    ],
)
def test_the_day_is_whoops_when_any_shown_value_is(readings: list[Reading], source: str) -> None:
    assert merge(readings).source == source


def test_no_readings_make_an_empty_day() -> None:
    assert merge([]) == Day()
