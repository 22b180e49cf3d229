"""What there is of each of the last days, and which of them are holes."""

from datetime import date, timedelta

import pytest

from coach.days.metrics import Source
from coach.whoop.sync.gaps import DayState, Known, Strip, holes, state_of, stretches, strip

TODAY = date(2026, 11, 20)
FIRST = date(2026, 10, 1)
WHOOP, EXPORT, MANUAL = Source.WHOOP, Source.EXPORT, Source.MANUAL


def known(recovery: Source | None, *sources: Source, provisional: bool = False) -> Known:
    return Known(recovery, frozenset(sources), provisional)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("what", "day", "state"),
    [
        (known(WHOOP, WHOOP), ago(3), DayState.SCORED),
        (known(EXPORT, EXPORT), ago(3), DayState.SCORED),
        (known(WHOOP, WHOOP, MANUAL), ago(3), DayState.SCORED),  # a mood typed beside it
        (known(WHOOP, WHOOP, provisional=True), TODAY, DayState.SCORED),  # the strain still runs
        (known(None, WHOOP, provisional=True), ago(1), DayState.PENDING),
        (known(None, WHOOP), ago(3), DayState.UNSCORABLE),
        (known(MANUAL, WHOOP, MANUAL), ago(3), DayState.MANUAL),  # typed where WHOOP had none
        (known(MANUAL, MANUAL), ago(3), DayState.MANUAL),
        (known(None, MANUAL), ago(3), DayState.MANUAL),  # only a note
        (known(None), ago(3), DayState.MISSING),  # everything was taken back
        (None, ago(3), DayState.MISSING),
        (None, FIRST, DayState.MISSING),
        (None, FIRST - timedelta(days=1), DayState.BEFORE),
        (known(MANUAL, MANUAL), FIRST - timedelta(days=1), DayState.MANUAL),
        (None, TODAY, DayState.PENDING),
    ],
)
def test_each_day_has_one_state(what: Known | None, day: date, state: DayState) -> None:
    assert state_of(what, day, first=FIRST, today=TODAY) is state


def test_without_a_device_nothing_is_missing() -> None:
    shown = strip({}, first=None, today=TODAY)
    assert shown.counts == {DayState.BEFORE: 60}
    assert not shown.known


def test_the_strip_ends_today_and_counts_every_day_once() -> None:
    shown = strip({TODAY: known(WHOOP, WHOOP)}, first=ago(9), today=TODAY)
    assert (shown.cells[0].date, shown.cells[-1].date) == (ago(59), TODAY)
    assert shown.counts == {DayState.SCORED: 1, DayState.MISSING: 9, DayState.BEFORE: 50}


def _strip(*told: int, typed: tuple[int, ...] = ()) -> Strip:
    days = {ago(days): known(WHOOP, WHOOP) for days in told}
    days |= {ago(days): known(MANUAL, MANUAL) for days in typed}
    return strip(days, first=ago(max(told)), today=TODAY)


def test_a_hole_lies_between_days_that_a_device_told_of_and_out_of_reach_of_every_sync() -> None:
    told = [day for day in range(55) if day not in {3, 40, 41, 45}]
    assert holes(_strip(*told, typed=(45,))) == [ago(45), ago(41), ago(40)]


def test_what_came_after_the_last_word_is_no_hole() -> None:
    assert holes(_strip(58, 57, 56)) == []
    assert holes(_strip(58, 57, 50)) == [ago(days) for days in (56, 55, 54, 53, 52, 51)]


def test_days_in_a_row_are_one_stretch() -> None:
    found = stretches([ago(40), ago(41), ago(45)])
    assert found == [(ago(45), ago(45)), (ago(41), ago(40))]
    assert stretches([]) == []
