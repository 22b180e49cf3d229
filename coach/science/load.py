"""Training load: acute and chronic as two lines, the week against the usual one, monotony.

No injury zones and no prediction: a random chronic load gives similar odds (Impellizzeri 2020).
WHOOP's day strain is a bounded scale; where it stands in for a load, say that it is a proxy.
"""

from dataclasses import dataclass
from datetime import date
from statistics import fmean, stdev

from coach.science.series import DAY, Figure, Series, graded

VERSION = 1
ACUTE_DAYS, CHRONIC_DAYS = 7, 28
MONOTONY_DAYS = 7
WEEK_MINIMUM, USUAL_MINIMUM = 5, 14


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """Both running averages of one day, in the unit of the load."""

    day: date
    acute: float
    chronic: float


def lines(load: Series, first: date, last: date) -> list[LoadPoint]:
    """Exponentially weighted averages over 7 and 28 days; nothing for the first 28 days.

    E = load x lambda + (1 - lambda) E before, lambda = 2 / (N + 1). On a day that is not known the
    averages stay. Source: Williams 2017, BJSM 51:209. Version 1.
    """
    if not load.values:
        return []
    begin = min(load.values)
    acute = chronic = load.values[begin]
    points = []
    for step in range((last - begin).days + 1):
        day = begin + DAY * step
        today = load.values.get(day)
        if today is not None:
            acute, chronic = _moved(acute, today, ACUTE_DAYS), _moved(chronic, today, CHRONIC_DAYS)
        if step >= CHRONIC_DAYS and first <= day:
            points.append(LoadPoint(day, acute, chronic))
    return points


def week_against_usual(load: Series, day: date) -> Figure:
    """Mean of the last 7 days against the mean of the 21 before, in percent above (or below).

    Uncoupled, so that a week is not compared with itself: Windt and Gabbett 2018; 5 and 14 days or
    more [our default]. Version 1.
    """
    week = load.last(ACUTE_DAYS, until=day)
    usual = load.usual(day - DAY * (CHRONIC_DAYS - 1), day - DAY * ACUTE_DAYS)
    enough = len(week) >= WEEK_MINIMUM and bool(usual) and fmean(usual) > 0
    change = 100 * (fmean(week) / fmean(usual) - 1) if enough else None
    return graded(change, len(usual), provisional=USUAL_MINIMUM, ok=USUAL_MINIMUM)


def monotony(load: Series, day: date) -> Figure:
    """Mean of the week's daily load over its SD; every day must be known, rest days as 0.

    None when all days are equal. Source: Foster 1998, MSSE 30:1164; its threshold is individual.
    Version 1.
    """
    week = load.last(MONOTONY_DAYS, until=day)
    spread = stdev(week) if len(week) > 1 else 0.0
    value = fmean(week) / spread if spread > 0 else None
    return graded(value, len(week), provisional=MONOTONY_DAYS, ok=MONOTONY_DAYS)


def _moved(average: float, today: float, days: int) -> float:
    weight = 2 / (days + 1)
    return today * weight + (1 - weight) * average
