"""How somebody says they feel: the Hooper index against their own usual one."""

from dataclasses import dataclass
from datetime import date
from statistics import fmean

from coach.science.baseline import own_range
from coach.science.series import Figure, Series, graded

VERSION = 1
ITEMS = ("sleep", "stress", "fatigue", "soreness")
LOWEST, HIGHEST = 1, 7
WEEK_MINIMUM = 3
# The index counts as raised from half a standard deviation above the usual one.
WORTHWHILE_SDS = 0.5
STALE_ABOVE, STALE_DAYS = 5, 7


@dataclass(frozen=True, slots=True)
class FeelingWeek:
    """The week's mean of the index (4 very good to 28 very bad) and whether it has risen."""

    mean: Figure
    usual: float | None
    raised: bool


def index(sleep: int, stress: int, fatigue: int, soreness: int) -> int:
    """Sum of the four ratings, each 1 (very, very good) to 7: 4 to 28; raises ValueError.

    Source: Hooper and Mackinnon 1995, Sports Med 20:321. Version 1.
    """
    ratings = (sleep, stress, fatigue, soreness)
    if not all(LOWEST <= rating <= HIGHEST for rating in ratings):
        raise ValueError(f"a rating lies outside {LOWEST} to {HIGHEST}")
    return sum(ratings)


def feeling_week(hooper: Series, day: date) -> FeelingWeek:
    """Mean index of the last 7 days (3 or more) against the own mean; never a single day.

    Source: trend against own mean as Saw 2016, BJSM 50:281, reviews it; minimum is our default.
    Version 1.
    """
    values = hooper.last(7, until=day)
    mean = graded(fmean(values) if values else None, len(values), provisional=WEEK_MINIMUM, ok=5)
    usual = own_range(hooper, day)
    if mean.value is None or usual is None:
        return FeelingWeek(mean, None, raised=False)
    high = usual.bounds(WORTHWHILE_SDS)[1]
    return FeelingWeek(mean, usual.mean, raised=mean.value > high)


def stale(item: Series, day: date) -> bool:
    """Tell whether one item was rated above 5 on more than 7 days in a row.

    Source: Hooper and Mackinnon 1995; the original sign of staleness. Version 1.
    """
    last = item.last(STALE_DAYS + 1, until=day)
    return len(last) > STALE_DAYS and all(value > STALE_ABOVE for value in last)
