"""Gaps stay gaps."""

from coach.science.series import Confidence, Series, graded
from tests.science.runs import TODAY, ago, run


def test_a_missing_day_is_left_out_and_not_zero() -> None:
    assert run([1, None, 3]).last(3, until=TODAY) == [1, 3]


def test_days_outside_the_window_do_not_count() -> None:
    assert run([1, 2, 3, 4]).between(ago(2), ago(1)) == [2, 3]


def test_days_on_which_somebody_was_ill_can_be_left_out() -> None:
    assert run([1, 2, 3]).without({ago(1)}).last(3, until=TODAY) == [1, 3]


def test_unusual_days_are_days_like_others_but_never_usual_ones() -> None:
    series = Series(run([1, 2, 3]).values, frozenset({ago(1)}))
    assert series.last(3, until=TODAY) == [1, 2, 3]
    assert series.usual(ago(2), TODAY) == [1, 3]
    assert series.mapped(float).without({ago(2)}).usual(ago(2), TODAY) == [3]


def test_a_gap_of_two_weeks_restarts_and_one_of_thirteen_days_does_not() -> None:
    two_weeks, less = [None] * 14, [None] * 13
    assert run([1, *two_weeks, 2, 3]).restart(TODAY) == ago(1)
    assert run([1, *less, 2, 3]).restart(TODAY) == ago(15)


def test_a_person_who_has_been_away_until_today_starts_anew() -> None:
    assert run([1, 2, *[None] * 14]).restart(TODAY) > TODAY


def test_a_figure_is_refused_below_its_minimum_and_firm_from_its_number() -> None:
    assert graded(5.0, 2, provisional=3, ok=5).value is None
    assert graded(5.0, 3, provisional=3, ok=5).confidence is Confidence.PROVISIONAL
    assert graded(5.0, 5, provisional=3, ok=5).confidence is Confidence.OK
