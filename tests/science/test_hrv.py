"""Heart rate variability by hand-worked examples and laws."""

from math import exp, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.science.hrv import Position, hrv_week, logs, week_cv, week_mean
from coach.science.series import Confidence
from tests.science.runs import TODAY, run

milliseconds = st.floats(10, 200)
# 60 usual days alternate between two values, so mean and SD are plain; then a week.
USUAL: list[float | None] = [60.0, 80.0] * 30


def test_a_week_is_the_geometric_mean_of_its_milliseconds() -> None:
    week = hrv_week(run([50, 60, 72]), TODAY)
    assert week.milliseconds is not None
    assert isclose(week.milliseconds, (50 * 60 * 72) ** (1 / 3))


def test_two_days_are_not_a_week_and_five_are_a_firm_one() -> None:
    assert week_mean(logs(run([60, 70])), TODAY).value is None
    assert week_mean(logs(run([60, 70, 80])), TODAY).confidence is Confidence.PROVISIONAL
    assert week_mean(logs(run([60] * 5)), TODAY).confidence is Confidence.OK


def test_the_spread_of_a_week_by_hand() -> None:
    # ln of e^4.0, e^4.2, e^4.4, e^4.2, e^4.2: mean 4.2, SD 0.14142, so 3.367 percent.
    series = run([exp(x) for x in (4.0, 4.2, 4.4, 4.2, 4.2)])
    found = week_cv(logs(series), TODAY).value
    assert found == pytest.approx(3.3672, abs=1e-3)


def test_the_own_range_is_half_a_standard_deviation_around_sixty_days() -> None:
    week = hrv_week(run([*USUAL, *[70.0] * 7]), TODAY)
    assert week.range is not None
    half = (log(80) - log(60)) / 2
    assert week.range.mean == pytest.approx((log(60) + log(80)) / 2)
    assert week.range.sd == pytest.approx(half * (60 / 59) ** 0.5)
    assert week.position is Position.INSIDE
    assert week.days_outside == 0


def test_a_low_week_counts_the_days_it_has_been_low() -> None:
    week = hrv_week(run([*USUAL, *[70.0] * 3, *[45.0] * 4]), TODAY)
    assert week.position is Position.BELOW
    # The mean of seven days falls below 66.5 ms from the second low day on.
    assert week.days_outside == 3


def test_a_slump_of_a_week_does_not_pull_its_own_range_down() -> None:
    calm = hrv_week(run([*USUAL, *[70.0] * 7]), TODAY)
    slump = hrv_week(run([*USUAL, *[30.0] * 7]), TODAY)
    assert calm.range == slump.range


def test_thirteen_usual_days_are_too_few_and_fourteen_are_provisional() -> None:
    assert hrv_week(run([*[60.0, 70.0] * 6, 60.0, *[65.0] * 7]), TODAY).range is None
    found = hrv_week(run([*[60.0, 70.0] * 7, *[65.0] * 7]), TODAY).range
    assert found is not None
    assert found.confidence is Confidence.PROVISIONAL


def test_a_value_of_zero_is_no_measurement() -> None:
    assert logs(run([0, 50])).values == logs(run([None, 50])).values


@given(st.lists(st.none() | milliseconds, min_size=1, max_size=90))
def test_any_run_of_days_gets_an_answer(values: list[float | None]) -> None:
    week = hrv_week(run(values), TODAY)
    assert week.mean.n == sum(value is not None for value in values[-7:])
    assert (week.range is None) <= (week.position is Position.UNKNOWN)
    assert 0 <= week.days_outside <= 28


@given(st.lists(milliseconds, min_size=30, max_size=80), st.floats(0.5, 2))
def test_the_position_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    usual, scaled = (
        hrv_week(run([*values]), TODAY),
        hrv_week(run([v * factor for v in values]), TODAY),
    )
    if (
        usual.range
        and min(abs((usual.mean.value or 0) - b) for b in usual.range.bounds(0.5)) > 1e-9
    ):
        assert usual.position is scaled.position
