"""The closed list of day fields and what each accepts."""

from datetime import UTC, datetime
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.days.metrics import METRICS, Metric, Value

# The first block is named by the people who asked for the system.
ASKED_FOR = {"recovery_score", "strain", "hrv", "sleep_hours", "sleep_quality"}
BOUNDED = [metric for metric in METRICS.values() if metric.kind in {"number", "whole"}]
WHOLE = [metric for metric in METRICS.values() if metric.kind == "whole"]
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)


def test_the_names_people_asked_for_are_kept() -> None:
    assert METRICS.keys() >= ASKED_FOR
    assert all(METRICS[name].editable for name in ASKED_FOR)


def test_every_metric_is_found_under_its_own_name() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("metric", BOUNDED, ids=lambda metric: metric.name)
def test_both_ends_of_a_range_are_accepted_and_nothing_beyond(metric: Metric) -> None:
    assert metric.low < metric.high
    assert metric.accepts(metric.low)
    assert metric.accepts(metric.high)
    assert not metric.accepts(metric.low - 1)
    assert not metric.accepts(metric.high + 1)


@pytest.mark.parametrize("metric", BOUNDED, ids=lambda metric: metric.name)
@pytest.mark.parametrize("odd", [nan, inf, -inf, True, False, "50", None, NOON, 10**400])
def test_no_number_is_not_accepted_as_one(metric: Metric, odd: Value) -> None:
    assert not metric.accepts(odd)


@pytest.mark.parametrize("metric", WHOLE, ids=lambda metric: metric.name)
def test_a_count_has_no_fraction(metric: Metric) -> None:
    assert metric.accepts(float(metric.high))
    assert not metric.accepts(metric.low + 0.5)


@given(st.floats(0, 100))
def test_a_percentage_may_have_a_fraction(value: float) -> None:
    assert METRICS["sleep_efficiency"].accepts(value)


@pytest.mark.parametrize("name", ["sleep_started_at", "sleep_ended_at"])
def test_a_time_knows_its_zone(name: str) -> None:
    assert METRICS[name].accepts(NOON)
    assert not METRICS[name].accepts(NOON.replace(tzinfo=None))
    assert not METRICS[name].accepts("2026-05-14T12:00:00Z")
    assert not METRICS[name].accepts(0)


def test_a_note_is_text() -> None:
    assert METRICS["notes"].accepts("slept badly")
    assert METRICS["notes"].accepts("")
    assert not METRICS["notes"].accepts(1)
    assert not METRICS["notes"].accepts(None)
