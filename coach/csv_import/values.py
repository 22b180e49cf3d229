"""Columns of the export as values in our units, and what no day can hold (pure)."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from coach.csv_import.headers import Kind
from coach.csv_import.rows import SleepColumns
from coach.days.metrics import METRICS, Value

_KILOJOULES = 4.184

RECOVERY = {
    "recovery_score": "recovery_score",
    "resting_heart_rate": "resting_heart_rate",
    "heart_rate_variability": "hrv",
    "skin_temp": "skin_temp_celsius",
    "blood_oxygen": "spo2",
}
EFFORT = {
    "day_strain": "strain",
    "energy_burned": "energy_kj",
    "average_hr": "average_heart_rate",
    "max_hr": "max_heart_rate",
}
SLEEP = {
    "sleep_onset": "sleep_started_at",
    "wake_onset": "sleep_ended_at",
    "sleep_performance": "sleep_quality",
    "respiratory_rate": "respiratory_rate",
    "asleep_duration": "sleep_hours",
    "in_bed_duration": "in_bed_hours",
    "light_sleep_duration": "light_hours",
    "deep_duration": "deep_hours",
    "rem_duration": "rem_hours",
    "awake_duration": "awake_hours",
    "sleep_need": "sleep_need_hours",
    "sleep_debt": "sleep_debt_hours",
    "sleep_efficiency": "sleep_efficiency",
    "sleep_consistency": "sleep_consistency",
}


OF_DAYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.CYCLE: {**RECOVERY, **EFFORT, **SLEEP},
    Kind.SLEEP: SLEEP,
    Kind.WORKOUT: {},
    Kind.JOURNAL: {},
}


def metrics(row: SleepColumns, table: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    """Give what a row says by the names of days, without what is empty or impossible."""
    for name, metric in table.items():
        said: Value = getattr(row, name)
        value = in_days(metric, said) if isinstance(said, float) else said
        if value is not None:
            yield metric, value


@lru_cache(maxsize=16_384)  # the same numbers come again and again
def in_days(metric: str, number: float) -> Value:
    """Say a number of the export in the unit of days; None when no day can hold it."""
    value = _converted(metric, number)
    return value if METRICS[metric].accepts(value) else None


def _converted(metric: str, number: float) -> Value:
    if metric.endswith("_hours"):
        return hours(number)
    if metric == "energy_kj":
        return kilojoules(number)
    if metric == "sleep_efficiency":
        return min(number, 100.0)  # 101 occurs: rounding, not an error
    return whole(number) if METRICS[metric].kind == "whole" else number


def hours(minutes: float) -> float:
    """Turn minutes into hours, to four decimals."""
    return round(minutes / 60, 4)


def kilojoules(kilocalories: float | None) -> float | None:
    """Turn what the export calls calories, and means as kilocalories, into kilojoules."""
    return None if kilocalories is None else round(kilocalories * _KILOJOULES, 3)


def whole(number: float | None) -> Value:
    """Write a whole number as one."""
    return int(number) if number is not None and number.is_integer() else number
