"""Sleep by hand-worked examples."""

from datetime import date, datetime, timedelta

import pytest

from coach.science.sleep import Night, debt, midpoint_spread, regularity
from tests.science.runs import TODAY, ago, run


def nights(hours: list[float], *, length: float = 8) -> dict[date, Night]:
    """Begin each night at so many hours from midnight; the last one ends today."""
    made = {}
    for back, begins in enumerate(reversed(hours)):
        start = datetime.combine(ago(back), datetime.min.time()) + timedelta(hours=begins)
        made[ago(back)] = Night(start, start + timedelta(hours=length))
    return made


def test_the_debt_of_a_week_adds_what_is_missing_and_never_what_is_too_much() -> None:
    asleep, naps = run([6.5, 8.5, 7.0, 7.5, 7.5, 7.5, 5.5]), run([None] * 6 + [1.0])
    assert debt(asleep, naps, TODAY, needs={}).value == pytest.approx(1 + 0.5 + 1)


def test_four_nights_are_too_few_for_a_debt() -> None:
    found = debt(run([6, 6, 6, 6, None, None, None]), run([]), TODAY, needs={})
    assert (found.value, found.n) == (None, 4)


def test_the_same_hours_every_night_are_a_regularity_of_a_hundred() -> None:
    assert regularity(nights([-1.0] * 15), TODAY).value == pytest.approx(100)


def test_nights_that_shift_by_an_hour_back_and_forth_by_hand() -> None:
    # Of 24 h, two differ (one at each end): 200 x 22 / 24 - 100.
    assert regularity(nights([-1.0, 0.0] * 7 + [-1.0]), TODAY).value == pytest.approx(
        83.333, abs=0.01
    )


def test_sleep_at_opposite_times_is_as_irregular_as_it_can_be() -> None:
    found = regularity(nights([0.0, 12.0] * 7 + [0.0], length=12), TODAY).value
    assert found == pytest.approx(-100)


def test_a_night_that_is_not_known_takes_both_its_pairs_away() -> None:
    known = nights([0.0] * 15)
    del known[ago(5)]
    assert regularity(known, TODAY).n == 12


def test_bedtimes_before_and_after_midnight_lie_next_to_each_other() -> None:
    # Middles at 23:45 and 0:15, in turn.
    found = midpoint_spread(nights([-4.25, -3.75] * 7), TODAY).value
    assert found == pytest.approx(0.25 * (14 / 13) ** 0.5)
