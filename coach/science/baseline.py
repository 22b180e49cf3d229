"""What is normal for this person, and how far a day lies from it.

Every baseline leaves out the last seven days, so that a slump does not pull its own reference
down [our default], and begins anew after a gap of two weeks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median, stdev

from coach.science.series import DAY, Confidence, Series

VERSION = 1
LEFT_OUT_DAYS = 7
RANGE_DAYS, RANGE_PROVISIONAL, RANGE_OK = 60, 14, 30
ROBUST_DAYS, ROBUST_MINIMUM = 30, 14
# Something persists when it shows on so many of so many days.
PERSISTS_FROM, PERSISTS_OF = 2, 3
# Turns a median absolute deviation of normal data into a standard deviation.
MAD_TO_SD = 0.6745


@dataclass(frozen=True, slots=True)
class OwnRange:
    """Mean and spread of a person's usual days, in the unit of the series."""

    mean: float
    sd: float
    n: int
    confidence: Confidence

    def bounds(self, sds: float) -> tuple[float, float]:
        """Give the range of so many standard deviations around the mean."""
        return self.mean - sds * self.sd, self.mean + sds * self.sd


def usual(series: Series, day: date, *, days: int = RANGE_DAYS) -> list[float]:
    """List the values a baseline of `day` rests on: `days` days, ending a week before.

    Days on which somebody was ill, injured or travelled are left out.
    """
    last = day - DAY * LEFT_OUT_DAYS
    return series.usual(max(series.restart(day), last - DAY * (days - 1)), last)


def own_range(series: Series, day: date) -> OwnRange | None:
    """Mean and SD of the 60 days before the last week; None under 14 days, firm from 30.

    Source: the practice of HRV4Training's normal range; minimum counts are our default. Version 1.
    """
    values = usual(series, day)
    if len(values) < RANGE_PROVISIONAL:
        return None
    firm = Confidence.OK if len(values) >= RANGE_OK else Confidence.PROVISIONAL
    return OwnRange(fmean(values), stdev(values), len(values), firm)


def robust_range(series: Series, day: date) -> OwnRange | None:
    """Median, and MAD / 0.6745 in place of the SD, of 30 days before the last week; 14 or more.

    Where the median absolute deviation is 0 the plain mean and SD stand in, and where that is 0
    too there is none. Source: Iglewicz and Hoaglin's modified z-score, as in practice; minimum is
    our default. Version 1.
    """
    values = usual(series, day, days=ROBUST_DAYS)
    if len(values) < ROBUST_MINIMUM:
        return None
    firm = Confidence.OK if len(values) >= ROBUST_DAYS else Confidence.PROVISIONAL
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    if spread > 0:
        return OwnRange(middle, spread / MAD_TO_SD, len(values), firm)
    sd = stdev(values)
    return OwnRange(fmean(values), sd, len(values), firm) if sd > 0 else None


def robust_z(series: Series, day: date, usual_days: OwnRange | None) -> float | None:
    """How many robust standard deviations the value of `day` lies from the usual one.

    z = 0.6745 (x - median) / MAD, with the `robust_range` of that day. Version 1.
    """
    value = series.values.get(day)
    if value is None or usual_days is None:
        return None
    return (value - usual_days.mean) / usual_days.sd


def far_out(
    series: Series, day: date, *, at: float, sign: int, usual_of: Callable[[date], OwnRange | None]
) -> list[date]:
    """List on which of the last three days z reached `at` in the direction of `sign`, newest first.

    Two of them persist (`PERSISTS_FROM`). Source: our default, to keep chance alerts few (see
    `chance`). `usual_of` gives the `robust_range` of a day. Version 1.
    """
    days = [day - DAY * back for back in range(PERSISTS_OF)]
    found = {each: robust_z(series, each, usual_of(each)) for each in days if each in series.values}
    return [each for each, z in found.items() if z is not None and z * sign >= at]
