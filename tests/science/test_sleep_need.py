"""The own need of sleep, and the debt against it, by hand-worked examples."""

import pytest

from coach.science.sleep import debt, debt_against
from coach.science.sleep_need import DEFAULT, Need, NeedBy, need_of, need_told
from tests.science.runs import TODAY, ago, run

WHOOP_8 = Need(8.0, NeedBy.WHOOP)
WHOOP_9 = Need(9.0, NeedBy.WHOOP)
TYPED_9 = Need(9.0, NeedBy.TYPED)


def test_whoops_need_is_taken_without_the_debt_it_holds() -> None:
    assert need_told(8.5, 0.5, typed=False) == WHOOP_8


def test_a_typed_need_stands_as_it_was_typed() -> None:
    assert need_told(9.0, 0.5, typed=True) == TYPED_9


@pytest.mark.parametrize(("hours", "debt"), [(None, 0.5), (8.5, None), (0.5, 0.5), (0.0, 0.0)])
def test_a_need_of_which_too_little_is_known_is_none(
    hours: float | None, debt: float | None
) -> None:
    assert need_told(hours, debt, typed=False) is None


def test_the_last_typed_need_stands_for_sixty_days_and_not_for_nights_before_it() -> None:
    told = {ago(60): TYPED_9}
    assert need_of(told, TODAY) == TYPED_9
    assert need_of(told, ago(61)) == DEFAULT
    assert need_of({ago(61): TYPED_9}, TODAY) == DEFAULT


def test_whoops_base_is_the_lowest_it_told_in_four_weeks() -> None:
    assert need_of({TODAY: WHOOP_9, ago(27): WHOOP_8}, TODAY) == WHOOP_8
    assert need_of({TODAY: WHOOP_9, ago(28): WHOOP_8}, TODAY) == WHOOP_9


def test_what_is_typed_for_a_night_stands_above_whoops_word_and_that_above_an_older_one() -> None:
    assert need_of({TODAY: TYPED_9, ago(1): WHOOP_8}, TODAY) == TYPED_9
    assert need_of({ago(1): TYPED_9, ago(2): WHOOP_8}, TODAY) == WHOOP_8


def test_the_debt_is_against_each_nights_own_need() -> None:
    asleep = run([7.0] * 7)
    found = debt(asleep, run([]), TODAY, needs={ago(6): TYPED_9, ago(2): WHOOP_8})
    # Four nights against 9 h, the last three against 8 h.
    assert found.value == pytest.approx(4 * 2 + 3 * 1)


def test_it_is_said_whose_need_a_week_is_held_against() -> None:
    asleep = run([7.0] * 7)
    assert debt_against(asleep, TODAY, needs={}) is NeedBy.DEFAULT
    assert debt_against(asleep, TODAY, needs={ago(6): TYPED_9}) is NeedBy.TYPED
    assert debt_against(asleep, TODAY, needs={ago(3): TYPED_9}) is NeedBy.SEVERAL
    assert debt_against(run([]), TODAY, needs={}) is None
