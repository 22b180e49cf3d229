"""From values to heights: the range of a chart and where its grid lines stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True, slots=True)
class Scale:
    """The range a chart shows, with the values at its grid lines."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Say how far up a value stands: 0 at the foot, 1 at the top; never outside."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def scale_of(values: Iterable[float | None], *, from_zero: bool = False) -> Scale:
    """Choose round numbers around the values; without values, any scale will do."""
    known = [value for value in values if value is not None]
    if not known:
        return Scale(0, 1, (0, 1))
    low = 0.0 if from_zero else min(known)
    high = max(*known, low)
    step = _round_step((high - low) / 3 or abs(high) / 4 or 1)
    first, last = floor(low / step), ceil(high / step)
    last = max(last, first + 1)
    return Scale(first * step, last * step, tuple(n * step for n in range(first, last + 1)))


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(power * nice for nice in (1.0, 2.0, 5.0, 10.0) if power * nice >= rough)
