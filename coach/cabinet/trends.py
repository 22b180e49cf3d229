"""The last week beside the four before it: what is shown to who wants no daily scores (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from coach.days.models import DailyLog

WEEK, BEFORE = 7, 28
FEWEST, FEWEST_BEFORE = 3, 10
METRICS = ("hrv", "resting_heart_rate", "sleep_hours")


@dataclass(frozen=True, slots=True)
class Trend:
    """Plain means of raw values; None where too few days have one. `known` counts the week's."""

    name: str
    week: float | None
    before: float | None
    known: int


def trends(days: Sequence[DailyLog], *, until: date) -> list[Trend]:
    """Compare the seven days up to a date with the 28 before them; days of 35 days, any order."""
    return [_trend(name, days, until) for name in METRICS]


def _trend(name: str, days: Sequence[DailyLog], until: date) -> Trend:
    first = until - timedelta(days=WEEK - 1)
    week = _known(name, [day for day in days if first <= day.date <= until])
    before = _known(name, [day for day in days if day.date < first])
    return Trend(
        name,
        fmean(week) if len(week) >= FEWEST else None,
        fmean(before) if len(before) >= FEWEST_BEFORE else None,
        len(week),
    )


def _known(name: str, days: Sequence[DailyLog]) -> list[float]:
    return [value for day in days if (value := getattr(day, name)) is not None]
