"""The closed list of what a day can hold: name, unit, plausible range."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeGuard


class Source(StrEnum):
    """Who said a value."""

    MANUAL = "manual"
    WHOOP = "whoop"
    EXPORT = "whoop_export"


Value = float | int | str | datetime | None
_NUMBERS = (float, int)
Kind = Literal["number", "whole", "time", "text"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing a day can hold; `low` and `high` bound numbers, both inclusive."""

    name: str
    unit: str
    kind: Kind
    low: float = 0
    high: float = 0
    editable: bool = False

    def accepts(self, value: Value) -> bool:
        """Tell whether a value is of this kind and physically possible."""
        match self.kind:
            case "number":  # most are, and a sync or an import asks this a hundred thousand times
                return _is_number(value) and self._holds(value)
            case "whole":
                return _is_number(value) and self._holds(value) and float(value).is_integer()
            case "time":
                return isinstance(value, datetime) and value.tzinfo is not None
            case "text":
                return isinstance(value, str)

    def _holds(self, value: float) -> bool:
        return self.low <= value <= self.high  # NaN fails both comparisons


def _number(name: str, unit: str, low: float, high: float, *, editable: bool = False) -> Metric:
    return Metric(name, unit, "number", low, high, editable)


def _whole(name: str, unit: str, low: float, high: float, *, editable: bool = False) -> Metric:
    return Metric(name, unit, "whole", low, high, editable)


def _is_number(value: Value) -> TypeGuard[float]:
    return type(value) in _NUMBERS  # a bool is an int, but none of these


_ALL = (
    _number("recovery_score", "%", 0, 100, editable=True),
    _number("strain", "", 0, 21, editable=True),
    _number("hrv", "ms", 1, 400, editable=True),
    _number("sleep_hours", "h", 0, 24, editable=True),
    _number("sleep_quality", "%", 0, 100, editable=True),
    _number("resting_heart_rate", "bpm", 20, 150, editable=True),
    _number("spo2", "%", 50, 100, editable=True),
    _number("skin_temp_celsius", "°C", 20, 45, editable=True),
    _number("respiratory_rate", "/min", 4, 60, editable=True),
    _number("sleep_efficiency", "%", 0, 100),
    _number("sleep_consistency", "%", 0, 100),
    _number("in_bed_hours", "h", 0, 24),
    _number("light_hours", "h", 0, 24),
    _number("deep_hours", "h", 0, 24),
    _number("rem_hours", "h", 0, 24),
    _number("awake_hours", "h", 0, 24),
    _number("sleep_need_hours", "h", 0, 24, editable=True),
    _number("sleep_debt_hours", "h", 0, 24),
    _number("nap_hours", "h", 0, 24),
    Metric("sleep_started_at", "", "time"),
    Metric("sleep_ended_at", "", "time"),
    _whole("sleep_offset_minutes", "min", -12 * 60, 14 * 60),
    _number("energy_kj", "kJ", 0, 80_000, editable=True),
    _whole("average_heart_rate", "bpm", 20, 250),
    _whole("max_heart_rate", "bpm", 20, 260),
    _whole("step_count", "", 0, 200_000, editable=True),
    _whole("workout_count", "", 0, 50),
    _number("weight_kg", "kg", 20, 400, editable=True),
    _whole("mood", "", 1, 10, editable=True),
    Metric("notes", "", "text", editable=True),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}

_OF_A_SLEEP = (
    *("sleep_hours", "sleep_quality", "respiratory_rate", "sleep_efficiency", "sleep_consistency"),
    *("in_bed_hours", "light_hours", "deep_hours", "rem_hours", "awake_hours"),
    *("sleep_need_hours", "sleep_debt_hours"),
)
_OF_A_WORKOUT = (
    *(METRICS[name] for name in ("strain", "energy_kj", "average_heart_rate", "max_heart_rate")),
    *(_number(f"zone_{zone}_minutes", "min", 0, 24 * 60) for zone in range(6)),
    _number("distance_m", "m", 0, 1_000_000),
    _number("altitude_gain_m", "m", 0, 20_000),
    _number("altitude_change_m", "m", -20_000, 20_000),
)
# What a single sleep and a single workout hold beside their times.
SLEEP_METRICS: Mapping[str, Metric] = {name: METRICS[name] for name in _OF_A_SLEEP}
WORKOUT_METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _OF_A_WORKOUT}
