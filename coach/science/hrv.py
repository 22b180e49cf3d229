"""Heart rate variability: the week's mean of ln rMSSD against the person's own range."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import exp, log
from statistics import fmean, stdev

from coach.science.baseline import OwnRange, own_range
from coach.science.series import Figure, Series, graded, in_a_row

VERSION = 1
WEEK_MINIMUM, WEEK_OK = 3, 5
CV_MINIMUM = 5
# The smallest change worth mentioning, in standard deviations of the baseline.
WORTHWHILE_SDS = 0.5


class Position(StrEnum):
    """Where a week lies against the person's own range."""

    BELOW = "below"
    INSIDE = "inside"
    ABOVE = "above"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HrvWeek:
    """A week of heart rate variability; `mean` is of ln(ms), `cv_percent` of ln too."""

    mean: Figure
    cv_percent: Figure
    range: OwnRange | None
    position: Position
    days_outside: int  # in a row, this one included, on the same side

    @property
    def milliseconds(self) -> float | None:
        """Give the week's mean back in milliseconds (the geometric mean)."""
        return None if self.mean.value is None else exp(self.mean.value)

    @property
    def range_milliseconds(self) -> tuple[float, float] | None:
        """Give the own range back in milliseconds."""
        if self.range is None:
            return None
        low, high = self.range.bounds(WORTHWHILE_SDS)
        return exp(low), exp(high)


def logs(rmssd_ms: Series) -> Series:
    """Take natural logarithms; a value that is not above zero is no measurement."""
    measured = {day: value for day, value in rmssd_ms.values.items() if value > 0}
    return Series(measured, rmssd_ms.unusual).mapped(log)


def week_mean(ln: Series, day: date) -> Figure:
    """Mean of ln rMSSD over the last 7 days: none under 3 valid days, firm from 5.

    Source: Plews 2014, IJSPP 9:783 (at least 3); Flatt and Esco 2015, IJSPP 10:994 (5). Version 1.
    """
    values = ln.last(7, until=day)
    mean = fmean(values) if values else None
    return graded(mean, len(values), provisional=WEEK_MINIMUM, ok=WEEK_OK)


def week_cv(ln: Series, day: date) -> Figure:
    """Coefficient of variation of ln rMSSD over 7 days in percent: 100 SD / mean, 5 days or more.

    Source: Flatt and Esco 2015, IJSPP 10:994; on ln values, not on milliseconds. Version 1.
    """
    values = ln.last(7, until=day)
    mean = fmean(values) if values else 0.0
    cv = 100 * stdev(values) / mean if len(values) > 1 and mean > 0 else None
    return graded(cv, len(values), provisional=CV_MINIMUM, ok=CV_MINIMUM)


def hrv_week(rmssd_ms: Series, day: date) -> HrvWeek:
    """Judge the week that ends on `day` against the own range of ± 0.5 SD.

    Inside it there is no meaningful change. Source: smallest worthwhile change as used by
    Vesterinen 2016, MSSE, and Buchheit 2014, Front Physiol 5:73. Version 1.
    """
    ln = logs(rmssd_ms)
    usual, mean = own_range(ln, day), week_mean(ln, day)
    where = position(mean, usual)
    return HrvWeek(mean, week_cv(ln, day), usual, where, _days_outside(ln, day, where))


def position(mean: Figure, usual: OwnRange | None) -> Position:
    """Place a week's mean against the range of ± 0.5 SD."""
    if mean.value is None or usual is None:
        return Position.UNKNOWN
    low, high = usual.bounds(WORTHWHILE_SDS)
    if mean.value < low:
        return Position.BELOW
    return Position.ABOVE if mean.value > high else Position.INSIDE


def _days_outside(ln: Series, day: date, where: Position) -> int:
    if where not in {Position.BELOW, Position.ABOVE}:
        return 0
    return in_a_row(day, lambda each: position(week_mean(ln, each), own_range(ln, each)) is where)
