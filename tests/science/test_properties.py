"""What holds of the formulas whatever the days: bounds, units, and what must not matter."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.science.baseline import own_range, robust_range, robust_z
from coach.science.chance import beyond, two_of_three, weekly_alerts
from coach.science.feelings import index
from coach.science.heart_rate import drift
from coach.science.hrv import hrv_week
from coach.science.load import lines, monotony, week_against_usual
from coach.science.sleep import Night, balance, debt, midpoint_spread, regularity
from tests.science.runs import TODAY, ago, run

# Quarters are exact in floating point: what must not matter changes nothing, not even a last digit.
HOURS = st.integers(0, 96).map(lambda quarters: quarters / 4)
STRAIN = st.integers(0, 84).map(lambda quarters: quarters / 4)
VALUES = st.integers(120, 480).map(lambda quarters: quarters / 4)
DAYS = st.lists(st.none() | VALUES, min_size=70, max_size=90)
NIGHTS = st.dictionaries(
    st.integers(0, 20), st.tuples(st.integers(-12, 12), st.integers(0, 16)), max_size=21
)


def nights(made: dict[int, tuple[int, int]]) -> dict[date, Night]:
    midnight = {back: datetime.combine(ago(back), datetime.min.time()) for back in made}
    starts = {back: midnight[back] + timedelta(hours=it[0]) for back, it in made.items()}
    return {
        ago(back): Night(starts[back], starts[back] + timedelta(hours=it[1]))
        for back, it in made.items()
    }


@given(DAYS, st.lists(VALUES, min_size=7, max_size=7))
def test_the_last_week_never_moves_its_own_range(
    before: list[float | None], week: list[float | None]
) -> None:
    one, other = run([*before, *week]), run([*before, *([75.0] * 7)])
    assert own_range(one, TODAY) == own_range(other, TODAY)
    assert robust_range(one, TODAY) == robust_range(other, TODAY)


@given(DAYS, st.integers(-20, 20))
def test_a_z_does_not_depend_on_where_the_scale_begins(
    values: list[float | None], shift: int
) -> None:
    here = run([*values, 80.0])
    moved = here.mapped(lambda value: value + shift)
    found, same = (robust_z(each, TODAY, robust_range(each, TODAY)) for each in (here, moved))
    assert same == (None if found is None else pytest.approx(found))


@given(DAYS, st.integers(-5, 5))
def test_a_drift_is_the_same_from_any_resting_heart_rate(
    values: list[float | None], shift: int
) -> None:
    here = run(values)
    one, other = (drift(each, TODAY).bpm.value for each in (here, here.mapped(lambda v: v + shift)))
    assert other == (None if one is None else pytest.approx(one, abs=1e-9))


@given(DAYS)
def test_the_spread_of_a_week_is_never_negative_and_needs_five_days(
    values: list[float | None],
) -> None:
    week = hrv_week(run(values), TODAY)
    known = sum(value is not None for value in values[-7:])
    assert (week.cv_percent.value is None) == (known < 5)
    assert week.cv_percent.value is None or week.cv_percent.value >= 0


@given(st.lists(HOURS, min_size=7, max_size=7), st.lists(HOURS, min_size=7, max_size=7))
def test_a_debt_lies_between_nothing_and_seven_whole_nights(
    asleep: list[float | None], naps: list[float | None]
) -> None:
    found = debt(run(asleep), run(naps), TODAY, needs={}).value
    assert found is not None
    assert 0 <= found <= 7 * 7.5
    without_naps = debt(run(asleep), run([]), TODAY, needs={}).value
    assert without_naps is not None
    assert found <= without_naps


@given(HOURS, HOURS)
def test_a_balance_turns_with_its_sign(asleep: float, need: float) -> None:
    assert balance(asleep, need) == -balance(need, asleep)


@given(NIGHTS)
def test_regularity_stays_on_its_scale(made: dict[int, tuple[int, int]]) -> None:
    found, spread = regularity(nights(made), TODAY), midpoint_spread(nights(made), TODAY)
    assert found.value is None or -100 <= found.value <= 100
    assert spread.value is None or 0 <= spread.value <= 24


@given(NIGHTS, st.integers(-3, 3))
def test_regularity_does_not_care_at_which_hour_somebody_is_regular(
    made: dict[int, tuple[int, int]], shift: int
) -> None:
    later = {back: (start + shift, lasts) for back, (start, lasts) in made.items()}
    here, there = (regularity(nights(each), TODAY).value for each in (made, later))
    assert there == (None if here is None else pytest.approx(here, abs=1e-6))


@given(st.lists(st.none() | STRAIN, min_size=30, max_size=60))
def test_an_average_lies_among_its_days(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    for point in lines(run(values), ago(59), TODAY):
        for average in (point.acute, point.chronic):
            assert min(known) - 1e-9 <= average <= max(known) + 1e-9


@given(st.lists(STRAIN, min_size=28, max_size=28), st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_load_does_not_depend_on_its_unit(values: list[float | None], factor: float) -> None:
    here = run(values)
    scaled = here.mapped(lambda value: value * factor)
    for formula in (monotony, week_against_usual):
        one, other = formula(here, TODAY).value, formula(scaled, TODAY).value
        assert other == (None if one is None else pytest.approx(one))


@given(st.tuples(*[st.integers(1, 7)] * 4))
def test_the_index_lies_between_four_and_twenty_eight(ratings: tuple[int, int, int, int]) -> None:
    assert 4 <= index(*ratings) <= 28


@given(st.floats(0, 5), st.floats(0, 5))
def test_farther_out_is_rarer_and_two_of_three_rarer_still(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert 0 <= beyond(far) <= beyond(near) <= 0.5
    assert two_of_three(beyond(near)) <= beyond(near)
    lasting, single = (weekly_alerts(24, 4, near, persistent=it) for it in (True, False))
    assert lasting <= single
