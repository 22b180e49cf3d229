"""Which cycles, sleeps and workouts of two sources are one and the same."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coach.days.calendar import Cycle
from coach.days.meeting import meet

NIGHT = datetime(2026, 5, 13, 21, 10, 30, 851_000, UTC)
HOUR = timedelta(hours=1)


def span(key: str, start: datetime, hours: float | None = 8) -> Cycle:
    return Cycle(key, start, None if hours is None else start + hours * HOUR, 0, None)


def met(api: list[Cycle], export: list[Cycle]) -> list[tuple[str, ...]]:
    return [tuple(one.key for one in group) for group in meet(api, export)]


def test_the_same_second_is_the_same_whatever_the_length() -> None:
    assert met([span("a", NIGHT)], [span("e", NIGHT.replace(microsecond=0), 1)]) == [("a", "e")]


def test_the_milliseconds_are_cut_and_not_rounded() -> None:
    rounded = NIGHT.replace(microsecond=0) + timedelta(seconds=1)
    pairs = met([span("a", NIGHT, 0.00001)], [span("e", rounded, 0.00001)])
    assert pairs == [("a",), ("e",)]


def test_more_than_half_of_the_longer_is_the_same() -> None:
    edited = span("e", NIGHT + 3.9 * HOUR, 4.1)
    assert met([span("a", NIGHT)], [edited]) == [("a", "e")]
    assert met([span("a", NIGHT)], [span("e", NIGHT + 4 * HOUR, 4)]) == [("a",), ("e",)]


def test_a_nap_within_a_night_is_another_sleep() -> None:
    assert met([span("a", NIGHT)], [span("e", NIGHT + HOUR, 1)]) == [("a",), ("e",)]


def test_what_is_open_runs_on_until_the_other_ends() -> None:
    shifted = span("e", NIGHT + HOUR, 23)
    assert met([span("a", NIGHT, None)], [shifted]) == [("a", "e")]
    next_one = span("n", NIGHT + 24 * HOUR, 24)
    assert met([span("a", NIGHT, None)], [shifted, next_one]) == [("a", "e"), ("n",)]


def test_an_open_cycle_of_years_ago_meets_nothing_of_today() -> None:
    old = span("old", NIGHT - timedelta(days=900), None)
    assert met([span("a", NIGHT, 24)], [old]) == [("a",), ("old",)]


def test_the_second_comes_before_the_overlap() -> None:
    exact = span("exact", NIGHT.replace(microsecond=0), 3)
    near = span("near", NIGHT + HOUR, 7)
    assert met([span("a", NIGHT)], [near, exact]) == [("a", "exact"), ("near",)]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=8),
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_no_order_changes_who_meets_whom_and_nobody_is_lost(
    left: list[tuple[int, int]], right: list[tuple[int, int]], dice: Random
) -> None:
    api = [span(f"a{n}", NIGHT + at * HOUR, long) for n, (at, long) in enumerate(left)]
    export = [span(f"e{n}", NIGHT + at * HOUR, long) for n, (at, long) in enumerate(right)]
    pairs = met(api, export)
    assert sorted(key for group in pairs for key in group) == sorted(
        one.key for one in [*api, *export]
    )
    dice.shuffle(api)
    dice.shuffle(export)
    assert met(api, export) == pairs
