"""Deviation from the person's own days."""

import pytest

from coach.science.baseline import persists, robust_z
from coach.science.heart_rate import drift
from tests.science.runs import TODAY, run

# Median 50, median absolute deviation 2.
USUAL: list[float | None] = [46.0, 48.0, 50.0, 52.0, 54.0] * 6


def test_the_robust_z_by_hand() -> None:
    assert robust_z(run([*USUAL, *[50.0] * 6, 56.0]), TODAY) == pytest.approx(0.6745 * 6 / 2)


def test_where_most_days_are_equal_the_plain_deviation_stands_in() -> None:
    values = [*[50.0] * 28, 44.0, 56.0, *[50.0] * 6, 56.0]
    # SD of 28 x 50, 44 and 56 is sqrt(72 / 29).
    assert robust_z(run([*values]), TODAY) == pytest.approx(6 / (72 / 29) ** 0.5)


def test_where_all_days_are_equal_there_is_no_z() -> None:
    assert robust_z(run([*[50.0] * 36, 60.0]), TODAY) is None


def test_too_few_days_give_no_z() -> None:
    assert robust_z(run([*USUAL[:13], *[50.0] * 6, 60.0]), TODAY) is None


def test_a_day_that_is_not_known_has_no_z() -> None:
    assert robust_z(run([*USUAL, *[50.0] * 6, None]), TODAY) is None


def test_one_bad_day_does_not_persist_and_two_of_three_do() -> None:
    one = run([*USUAL, *[50.0] * 6, 60.0])
    two = run([*USUAL, *[50.0] * 4, 60.0, 50.0, 60.0])
    assert not persists(one, TODAY, at=2, sign=1)
    assert persists(two, TODAY, at=2, sign=1)
    assert not persists(two, TODAY, at=2, sign=-1)


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
