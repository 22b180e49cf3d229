"""Sleep: last night against its need, the debt of a week, and how regular the nights are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, stdev

from coach.science.series import DAY, Figure, Series, graded
from coach.science.sleep_need import Need, NeedBy, need_of

VERSION = 2
DEBT_DAYS, DEBT_MINIMUM = 7, 5
MIDPOINT_MINIMUM = 7
REGULARITY_MINIMUM_PAIRS = 6
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Night:
    """When somebody slept, in their own local time (without a zone)."""

    start: datetime
    end: datetime


def balance(asleep_hours: float, need_hours: float) -> float:
    """Hours slept less hours needed. Nights must not be added up: WHOOP's need holds the debt.

    Source: WHOOP's definition of `sleep_needed`. Version 1.
    """
    return asleep_hours - need_hours


def debt(asleep: Series, naps: Series, day: date, *, needs: Mapping[date, Need]) -> Figure:
    """Hours missing in the last 7 nights: the sum of max(0, need - asleep - naps), 5 or more.

    Unknown nights add nothing. Each against the person's own need of that night as `need_of`
    knows it. Source: our default. Version 2: the own need in place of 7 h 30 min for everybody.
    """
    nights = _known_nights(asleep, day)
    missing = sum(
        max(0.0, need_of(needs, night).hours - asleep.values[night] - naps.values.get(night, 0.0))
        for night in nights
    )
    return graded(missing, len(nights), provisional=DEBT_MINIMUM, ok=DEBT_DAYS)


def debt_against(asleep: Series, day: date, *, needs: Mapping[date, Need]) -> NeedBy | None:
    """Say whose need the debt of the last 7 nights is held against; None where no night is known.

    Version 1.
    """
    by = {need_of(needs, night).by for night in _known_nights(asleep, day)}
    return NeedBy.SEVERAL if len(by) > 1 else next(iter(by), None)


def midpoint_spread(nights: Mapping[date, Night], day: date) -> Figure:
    """Give the standard deviation of the middle of sleep in 14 nights, in hours; 7 or more.

    Source: used where no index of regularity can be made; minimum is our default. Version 1.
    """
    last = [nights[day - DAY * back] for back in range(14) if day - DAY * back in nights]
    middles = [_hours_from_midnight(each.start + (each.end - each.start) / 2) for each in last]
    spread = stdev(middles) if len(middles) > 1 else None
    return graded(spread, len(last), provisional=MIDPOINT_MINIMUM, ok=14)


def regularity(nights: Mapping[date, Night], day: date, *, days: int = 14) -> Figure:
    """Sleep Regularity Index of the last two weeks: 100 identical, 0 random, -100 reversed.

    SRI = -100 + 200 x the share of time in which somebody is asleep or awake as 24 h before;
    here over exact times, not epochs. Pairs of days with an unknown night are left out; `n` counts
    pairs, 6 (seven days) or more. Source: Phillips 2017, Sci Rep 7:3171. A trend, no grade.
    Version 1.
    """
    pairs = [
        _agreement(nights[before], nights[after])
        for before, after in ((day - DAY * (back + 1), day - DAY * back) for back in range(days))
        if before in nights and after in nights
    ]
    index = -100 + 200 * fmean(pairs) if pairs else None
    return graded(index, len(pairs), provisional=REGULARITY_MINIMUM_PAIRS, ok=days - 1)


def _known_nights(asleep: Series, day: date) -> list[date]:
    return [each for back in range(DEBT_DAYS) if (each := day - DAY * back) in asleep.values]


def _agreement(before: Night, after: Night) -> float:
    """Share of 24 h in which both nights, laid over each other, say the same."""
    start, end = before.start + _A_DAY, before.end + _A_DAY
    both = max(timedelta(), min(end, after.end) - max(start, after.start))
    differs = (end - start) + (after.end - after.start) - 2 * both
    return max(0.0, 1 - differs / _A_DAY)


def _hours_from_midnight(moment: datetime) -> float:
    """Hours since the nearer midnight, so that 23:30 and 0:30 lie an hour apart."""
    hours = moment.hour + moment.minute / 60 + moment.second / 3600
    return hours - 24 if hours >= 12 else hours
