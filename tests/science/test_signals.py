"""Feelings, strain signals, and what chance alone would say."""

import pytest

from coach.science.burnout import Contribution, LineName, LineState, line
from coach.science.chance import beyond, two_of_three, weekly_alerts
from coach.science.feelings import feeling_week, index, stale
from tests.science.runs import TODAY, run


def test_the_index_is_the_sum_of_four_ratings() -> None:
    assert index(sleep=1, stress=2, fatigue=3, soreness=7) == 13
    with pytest.raises(ValueError, match="1 to 7"):
        index(sleep=0, stress=1, fatigue=1, soreness=1)


def test_a_week_of_worse_answers_than_usual_is_raised() -> None:
    usual: list[float | None] = [10.0, 12.0] * 15
    assert feeling_week(run([*usual, *[15.0] * 7]), TODAY).raised
    assert not feeling_week(run([*usual, *[11.0] * 7]), TODAY).raised
    assert feeling_week(run([*usual, *[None] * 5, 20.0, 20.0]), TODAY).mean.value is None


def test_staleness_needs_more_than_a_week() -> None:
    assert stale(run([6.0] * 8), TODAY)
    assert not stale(run([6.0] * 7), TODAY)
    assert not stale(run([*[6.0] * 7, 5.0]), TODAY)


def test_a_line_needs_days_and_an_answer_before_it_says_anything() -> None:
    low = [Contribution("hrv_week", 9, 7, 40)]
    assert line(LineName.BODY, low, valid_days=13, answers=3).state is LineState.NOT_ENOUGH
    assert line(LineName.BODY, low, valid_days=40, answers=0).state is LineState.NOT_ENOUGH
    assert line(LineName.BODY, low, valid_days=40, answers=1).state is LineState.RAISED


def test_six_days_outside_are_quiet() -> None:
    six = [Contribution("hrv_week", 6, 7, 40)]
    assert line(LineName.BODY, six, valid_days=40, answers=1).state is LineState.QUIET


def test_the_chances_of_a_normal_value() -> None:
    # Two-sided, as in any table: 31.7, 13.4, 4.6 and 1.2 percent.
    assert [round(2 * beyond(k) * 100, 1) for k in (1, 1.5, 2, 2.5)] == [31.7, 13.4, 4.6, 1.2]


def test_two_of_three_days_make_chance_rarer() -> None:
    assert two_of_three(beyond(2)) == pytest.approx(0.00153, abs=1e-5)
    once = weekly_alerts(24, 4, 2, persistent=False)
    assert once == pytest.approx(15.29, abs=0.01)
    assert weekly_alerts(24, 4, 2, persistent=True) < once / 10
