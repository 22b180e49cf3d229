"""The row of the group: averages of what is shared, each with how many stand behind it.

An average is of the group and colours nobody: how one person stands is told by their own range.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from coach.insights.morning import NOT_SHARED, Dated, Morning, Shown
from coach.science.hrv import Position

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Average:
    """A mean of `n` people, `of` so many who share it; None of nobody."""

    value: float | None
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many people, `of` those about whom it is known."""

    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody listed, taken together."""

    people: int
    recovery: Average
    resting_heart_rate: Average
    night: Average
    strain_yesterday: Average
    below_range: Share
    checked_in: Share


def group_of(mornings: Sequence[Morning]) -> Group:
    """Average what is known of the day itself; yesterday's value is no value of today."""
    return Group(
        people=len(mornings),
        recovery=_average(mornings, lambda it: it.recovery),
        resting_heart_rate=_average(mornings, lambda it: it.resting_heart_rate),
        night=_average(mornings, lambda it: it.night),
        strain_yesterday=_average(mornings, lambda it: it.strain_yesterday, age=A_DAY),
        below_range=_below_range(mornings),
        checked_in=_checked_in(mornings),
    )


def _average(
    mornings: Iterable[Morning],
    value: Callable[[Morning], Shown[Dated[float]]],
    *,
    age: timedelta = timedelta(),
) -> Average:
    shown = [(it.day - age, value(it)) for it in mornings if value(it) is not NOT_SHARED]
    known = [it.value for day, it in shown if isinstance(it, Dated) and _counts(it, day)]
    return Average(fmean(known) if known else None, len(known), len(shown))


def _counts(it: Dated[float], day: object) -> bool:
    return it.date == day and not it.doubtful and not it.calibrating


def _below_range(mornings: Iterable[Morning]) -> Share:
    weeks = [it.hrv.position for it in mornings if it.hrv is not None and it.hrv is not NOT_SHARED]
    known = [position for position in weeks if position is not Position.UNKNOWN]
    return Share(known.count(Position.BELOW), len(known))


def _checked_in(mornings: Iterable[Morning]) -> Share:
    said = [it.check_in for it in mornings]
    shared = [it.answered for it in said if it is not None and it is not NOT_SHARED]
    return Share(sum(shared), len(shared))
