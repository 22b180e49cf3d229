"""A straight line through looks at something over time, and how sure its slope is."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Two-sided 95 % of the normal distribution; with dozens of looks Student's t is as good as that.
Z = 1.96


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth by unit of time, the interval in which it lies, and the level in the middle."""

    by: float
    least: float
    most: float
    level: float


def slope(times: Sequence[float], values: Sequence[float]) -> Slope:
    """Draw the line of least squares; needs three looks or more."""
    fitted = statistics.linear_regression(times, values)
    middle = statistics.fmean(times)
    left_over = sum(
        (value - fitted.intercept - fitted.slope * at) ** 2
        for at, value in zip(times, values, strict=True)
    )
    spread = sum((at - middle) ** 2 for at in times)
    error = math.sqrt(left_over / (len(times) - 2) / spread)
    return Slope(
        fitted.slope,
        fitted.slope - Z * error,
        fitted.slope + Z * error,
        statistics.fmean(values),
    )
