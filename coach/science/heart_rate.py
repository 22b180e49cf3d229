"""Resting heart rate: how far the week has drifted from the person's usual one."""

from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from coach.science.baseline import RANGE_DAYS, own_range, usual
from coach.science.series import Figure, Series, graded

VERSION = 1
WEEK_MINIMUM, USUAL_MINIMUM, USUAL_OK = 5, 14, 28
SHOWN_FROM_BPM, SHOWN_FROM_SDS = 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Drift:
    """The week's mean less the usual median, in beats a minute; `raised` when worth a look."""

    bpm: Figure
    week: float | None
    usual: float | None
    raised: bool


def drift(bpm: Series, day: date) -> Drift:
    """Mean of the last 7 days (5 or more) less the median of up to 60 days before (14 or more).

    Raised from + 3 bpm and 1.5 SD of the usual days. Never read alone: Bosquet 2008, BJSM 42:709,
    finds no change in long overload. Thresholds are our default. Version 1.
    """
    week, before = bpm.last(7, until=day), usual(bpm, day, days=RANGE_DAYS)
    if len(week) < WEEK_MINIMUM or len(before) < USUAL_MINIMUM:
        return Drift(graded(None, len(before), provisional=1, ok=1), None, None, raised=False)
    now, then = fmean(week), median(before)
    figure = graded(now - then, len(before), provisional=USUAL_MINIMUM, ok=USUAL_OK)
    return Drift(figure, now, then, raised=_raised(bpm, day, now, now - then))


def _raised(bpm: Series, day: date, now: float, drifted: float) -> bool:
    spread = own_range(bpm, day)
    if spread is None or drifted < SHOWN_FROM_BPM:
        return False
    return now - spread.mean >= SHOWN_FROM_SDS * spread.sd
