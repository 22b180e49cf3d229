"""Load by hand-worked examples."""

import pytest

from coach.science.load import lines, monotony, week_against_usual
from tests.science.runs import TODAY, ago, run


def test_nothing_is_shown_for_the_first_twenty_eight_days() -> None:
    assert lines(run([10.0] * 28), ago(27), TODAY) == []
    assert len(lines(run([10.0] * 29), ago(28), TODAY)) == 1


def test_a_steady_load_is_its_own_average() -> None:
    (point,) = lines(run([10.0] * 29), ago(28), TODAY)
    assert point.acute == pytest.approx(10)
    assert point.chronic == pytest.approx(10)


def test_one_step_of_both_averages_by_hand() -> None:
    (point,) = lines(run([*[10.0] * 28, 20.0]), TODAY, TODAY)
    assert point.acute == pytest.approx(20 * 0.25 + 10 * 0.75)
    assert point.chronic == pytest.approx(20 * 2 / 29 + 10 * 27 / 29)


def test_a_day_that_is_not_known_changes_no_average() -> None:
    points = lines(run([*[10.0] * 29, None]), ago(1), TODAY)
    assert points[0].acute == points[1].acute


def test_the_week_is_compared_with_the_three_before_it() -> None:
    assert week_against_usual(run([*[10.0] * 21, *[13.0] * 7]), TODAY).value == pytest.approx(30)
    assert week_against_usual(run([*[10.0] * 13, *[13.0] * 7]), TODAY).value is None


def test_monotony_by_hand() -> None:
    # Mean 4, SD 2.160: Foster's ratio of 1.852.
    assert monotony(run([1, 2, 3, 4, 5, 6, 7]), TODAY).value == pytest.approx(4 / 4.66667**0.5)


def test_equal_days_and_unknown_days_have_no_monotony() -> None:
    assert monotony(run([5.0] * 7), TODAY).value is None
    assert monotony(run([1, 2, None, 4, 5, 6, 7]), TODAY).value is None
