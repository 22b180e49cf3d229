"""How far single days lie out, kept so that a coach may choose how far is too far (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp

from coach.insights.formulas import Formulas
from coach.insights.signals import BAD_DAYS, Direction, SignalName
from coach.science.baseline import robust_z

# Nobody may choose less: one day in fifteen lies so far out by chance.
NEAREST_SDS = 1.5


@dataclass(frozen=True, slots=True)
class FarDay:
    """One value that lies `z` robust SD out in the bad direction; both in the metric's unit.

    `n` counts the days behind the usual one.
    """

    z: float
    value: float
    usual: float
    n: int


def far_days(formulas: Formulas, day: date) -> Mapping[SignalName, FarDay]:
    """Name the metrics of a day that lie 1.5 robust SD or more out in the bad direction.

    z of `baseline.robust_z`: 30 days that end a week before, 14 or more known. Source: Iglewicz and
    Hoaglin's modified z-score; direction and 1.5 are our default. Version 1.
    """
    found = {name: _far(formulas, day, metric, side) for name, metric, side in BAD_DAYS}
    return {name: far for name, far in found.items() if far is not None}


def _far(formulas: Formulas, day: date, metric: str, side: Direction) -> FarDay | None:
    series = formulas.daily[metric]
    if day not in series.values:
        return None
    usual = formulas.usual(metric, day)
    z = robust_z(series, day, usual)
    out = None if z is None else -z if side is Direction.BELOW else z
    if usual is None or out is None or out < NEAREST_SDS:
        return None
    unit = exp if metric == "hrv" else float
    return FarDay(out, unit(series.values[day]), unit(usual.mean), usual.n)
