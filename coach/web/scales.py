"""From values to heights: the range of a chart and where its grid lines stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log, log10


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


@dataclass(frozen=True, slots=True)
class LogScale(Scale):
    """A range on which equal distances are equal ratios; both ends lie above zero."""

    def share(self, value: float) -> float:
        """Say how far up the logarithm of a value stands: 0 at the foot, 1 at the top."""
        inside = min(max(value, self.low), self.high)
        return log(inside / self.low) / log(self.high / self.low)


def log_scale_of(values: Iterable[float | None]) -> LogScale:
    """Choose round numbers around values above zero; without any, any scale will do."""
    known = [value for value in values if value is not None and value > 0] or [10.0, 100.0]
    low = max((tick for tick in _ROUND if tick <= min(known)), default=min(known) / 2)
    above = (tick for tick in _ROUND if tick >= max(known) and tick > low)
    high = min(above, default=2 * max(known))
    within = [tick for tick in _ROUND if low <= tick <= high]
    return LogScale(low, high, tuple(within[:: max(-(-len(within) // 5), 1)]))


# Grid lines of a scale of ratios.
_ROUND = tuple(
    float(nice * power) for power in (1, 10, 100) for nice in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
)


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(power * nice for nice in (1.0, 2.0, 5.0, 10.0) if power * nice >= rough)
