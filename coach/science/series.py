"""A run of days with honest gaps, and a figure that says how many days are behind it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
# A gap this long restarts every baseline: who comes back may be another body, or another device.
RESTART_AFTER_DAYS = 14
LONGEST_COUNT_DAYS = 28


class Confidence(StrEnum):
    """How far a figure may be trusted."""

    NONE = "none"
    PROVISIONAL = "provisional"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, the count of days behind it, and how far it may be trusted."""

    value: float | None
    n: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Series:
    """One value a day at most; a date that is absent is not known, which is not zero.

    `unusual` names dates that say nothing about what is usual, as those on which somebody was ill:
    they are days like others, but no baseline rests on them.
    """

    values: Mapping[date, float]
    unusual: Collection[date] = frozenset()

    def between(self, first: date, last: date) -> list[float]:
        """List the known values of `first` to `last`, both inclusive, oldest first."""
        days = (first + DAY * step for step in range((last - first).days + 1))
        return [self.values[day] for day in days if day in self.values]

    def last(self, days: int, *, until: date) -> list[float]:
        """List the known values of the last days, `until` included."""
        return self.between(until - DAY * (days - 1), until)

    def without(self, dates: Collection[date]) -> "Series":
        """Leave dates out altogether, as if nothing were known of them."""
        kept = {day: value for day, value in self.values.items() if day not in dates}
        return Series(kept, self.unusual)

    def mapped(self, change: Callable[[float], float]) -> "Series":
        """Change every value."""
        return Series({day: change(value) for day, value in self.values.items()}, self.unusual)

    def usual(self, first: date, last: date) -> list[float]:
        """List the known values of `first` to `last` but those of unusual days, oldest first."""
        days = (first + DAY * step for step in range((last - first).days + 1))
        return [self.values[day] for day in days if day in self.values and day not in self.unusual]

    def restart(self, until: date) -> date:
        """Give the first date after the last gap of two weeks or more, seen from `until`."""
        begin = until + DAY
        for day in sorted((day for day in self.values if day <= until), reverse=True):
            if (begin - day).days > RESTART_AFTER_DAYS:
                break
            begin = day
        return begin


def in_a_row(day: date, holds: Callable[[date], bool]) -> int:
    """Count the days in a row, back from `day`, on which something holds; 28 at most."""
    counted = range(LONGEST_COUNT_DAYS)
    return next((back for back in counted if not holds(day - DAY * back)), LONGEST_COUNT_DAYS)


def graded(value: float | None, n: int, *, provisional: int, ok: int) -> Figure:
    """Refuse a value below its minimum of days, and mark it below the number that makes it firm."""
    if value is None or n < provisional:
        return Figure(None, n, Confidence.NONE)
    return Figure(value, n, Confidence.OK if n >= ok else Confidence.PROVISIONAL)
