"""One range against as many days before it: means and how many days are behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log
from statistics import fmean

from coach.dashboard.client_range import Range
from coach.dashboard.client_reading import Known
from coach.science.series import Figure, graded

COMPARED = ("recovery_score", "hrv", "resting_heart_rate", "sleep_hours", "strain")
# A mean of fewer days says nothing about a range [our default].
MINIMUM, FIRM = 3, 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric over both ranges; `change` is in the metric's own unit."""

    name: str
    now: Figure
    before: Figure

    @property
    def change(self) -> float | None:
        if self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value


def compare(known: Known, shown: Range) -> list[Compared]:
    """Compare a range with as many days before it."""
    return periods((known, shown), (known, shown.before))


def periods(now: tuple[Known, Range], before: tuple[Known, Range]) -> list[Compared]:
    """Compare what is known of two ranges; doubtful values and open strain are left out."""
    rows = [
        Compared(name, *(_mean(known, name, shown.dates) for known, shown in (now, before)))
        for name in COMPARED
    ]
    return [row for row in rows if row.now.n or row.before.n]


def _mean(known: Known, name: str, dates: Sequence[date]) -> Figure:
    values = [value for day in dates if (value := _value(known, name, day)) is not None]
    if not values:
        return graded(None, 0, provisional=MINIMUM, ok=FIRM)
    # Of heart rate variability the mean of the logarithms, as everywhere.
    mean = exp(fmean(map(log, values))) if name == "hrv" else fmean(values)
    return graded(mean, len(values), provisional=MINIMUM, ok=FIRM)


def _value(known: Known, name: str, day: date) -> float | None:
    if name in known.life.series:
        value = known.life.series[name].values.get(day)
        return value if value is None or name != "hrv" or value > 0 else None
    log_of_day = known.logs.get(day)
    if log_of_day is None or name in log_of_day.doubtful:
        return None
    return log_of_day.values.get(name)
