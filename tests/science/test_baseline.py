"""Deviation from the person's own days."""

from functools import partial

import pytest

from coach.science.baseline import PERSISTS_FROM, far_out, robust_range, robust_z
from coach.science.heart_rate import drift
from coach.science.series import Series
from tests.science.runs import TODAY, run

# Median 50, median absolute deviation 2.
USUAL: list[float | None] = [46.0, 48.0, 50.0, 52.0, 54.0] * 6


def z_of_today(series: Series) -> float | None:
    return robust_z(series, TODAY, robust_range(series, TODAY))


def persists_today(series: Series, *, sign: int) -> bool:
    usual_of = partial(robust_range, series)
    return len(far_out(series, TODAY, at=2, sign=sign, usual_of=usual_of)) >= PERSISTS_FROM


def test_the_robust_z_by_hand() -> None:
    assert z_of_today(run([*USUAL, *[50.0] * 6, 56.0])) == pytest.approx(0.6745 * 6 / 2)


def test_where_most_days_are_equal_the_plain_deviation_stands_in() -> None:
    values = [*[50.0] * 28, 44.0, 56.0, *[50.0] * 6, 56.0]
    # SD of 28 x 50, 44 and 56 is sqrt(72 / 29).
    assert z_of_today(run([*values])) == pytest.approx(6 / (72 / 29) ** 0.5)


def test_where_all_days_are_equal_there_is_no_z() -> None:
    assert z_of_today(run([*[50.0] * 36, 60.0])) is None


def test_too_few_days_give_no_z() -> None:
    assert z_of_today(run([*USUAL[:13], *[50.0] * 6, 60.0])) is None


def test_a_day_that_is_not_known_has_no_z() -> None:
    assert z_of_today(run([*USUAL, *[50.0] * 6, None])) is None


def test_one_bad_day_does_not_persist_and_two_of_three_do() -> None:
    one = run([*USUAL, *[50.0] * 6, 60.0])
    two = run([*USUAL, *[50.0] * 4, 60.0, 50.0, 60.0])
    assert not persists_today(one, sign=1)
    assert persists_today(two, sign=1)
    assert not persists_today(two, sign=-1)


def test_the_drift_of_the_resting_heart_rate_by_hand() -> None:
    found = drift(run([*USUAL, *[55.0] * 7]), TODAY)
    assert found.bpm.value == pytest.approx(5.0)
    assert found.raised  # 5 bpm is 1.7 SD of these days


def test_a_drift_within_the_usual_spread_is_not_raised() -> None:
    wide: list[float | None] = [40.0, 60.0] * 15
    assert not drift(run([*wide, *[54.0] * 7]), TODAY).raised


def test_a_drift_of_two_beats_is_not_raised_however_steady_the_person() -> None:
    steady: list[float | None] = [50.0, 50.4] * 15
    assert not drift(run([*steady, *[52.2] * 7]), TODAY).raised


def test_four_days_of_a_week_are_too_few() -> None:
    assert drift(run([*USUAL, *[55.0] * 4, None, None, None]), TODAY).bpm.value is None
