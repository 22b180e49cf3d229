"""Rows to readings (pure): the only file here that knows both the export's words and ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from coach.csv_import.rows import CycleRow, InCycle, Row, SleepColumns, SleepRow, WorkoutRow
from coach.days import calendar
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source, Value

_KILOJOULES = 4.184
_LATE_ONSET = timedelta(hours=1)

_RECOVERY = {
    "recovery_score": "recovery_score",
    "resting_heart_rate": "resting_heart_rate",
    "heart_rate_variability": "hrv",
    "skin_temp": "skin_temp_celsius",
    "blood_oxygen": "spo2",
}
_EFFORT = {
    "day_strain": "strain",
    "energy_burned": "energy_kj",
    "average_hr": "average_heart_rate",
    "max_hr": "max_heart_rate",
}
_SLEEP = {
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


@dataclass(slots=True)
class _Gathered:
    """One cycle with all that was uploaded of it."""

    within: InCycle
    row: CycleRow | None = None
    sleeps: list[SleepRow] = field(default_factory=list)
    workouts: int = 0


def readings(
    cycles: Sequence[CycleRow], sleeps: Sequence[SleepRow], workouts: Sequence[WorkoutRow]
) -> dict[date, Reading]:
    """Say of every date what the export says of it; any of the three files may be missing."""
    gathered = _gather(cycles, sleeps, workouts)
    told = {
        key: reading
        for key, cycle in gathered.items()
        if (reading := _reading(cycle, count_workouts=bool(workouts)))
    }
    placed = calendar.place(_for_calendar(key, gathered[key]) for key in told)
    return {place.date: told[place.key] for place in placed if place.owns}


def implausible(row: Row) -> list[str]:
    """Name the fields of a row that are kept in it but never reach a day."""
    if not isinstance(row, SleepColumns):
        return []
    tables = (_RECOVERY, _EFFORT, _SLEEP) if isinstance(row, CycleRow) else (_SLEEP,)
    return [
        name
        for table in tables
        for name, metric in table.items()
        if (value := _converted(row, name, metric)) is not None
        and not METRICS[metric].accepts(value)
    ]


def _gather(
    cycles: Sequence[CycleRow], sleeps: Sequence[SleepRow], workouts: Sequence[WorkoutRow]
) -> dict[str, _Gathered]:
    found: dict[str, _Gathered] = {}
    for row in cycles:
        found[row.cycle_key] = _Gathered(row, row)
    for sleep in sorted(sleeps, key=_onset):
        found.setdefault(sleep.cycle_key, _Gathered(sleep)).sleeps.append(sleep)
    for workout in workouts:
        found.setdefault(workout.cycle_key, _Gathered(workout)).workouts += 1
    return found


def _onset(sleep: SleepRow) -> str:
    return sleep.key  # the UTC onset; a row without one was refused


def _reading(cycle: _Gathered, *, count_workouts: bool) -> Reading | None:
    """Read one cycle; None when nothing but its times is known (strap off)."""
    values = dict(_values(cycle))
    if not values and not cycle.workouts:
        return None
    if count_workouts:
        values["workout_count"] = cycle.workouts
    return Reading(
        source=Source.EXPORT,
        values=values,
        doubtful=frozenset(_doubtful(cycle) & values.keys()),
        provisional=cycle.within.cycle_end_time is None,
    )


def _values(cycle: _Gathered) -> Iterator[tuple[str, Value]]:
    if cycle.row:
        yield from _metrics(cycle.row, _RECOVERY | _EFFORT)
    if night := _main_sleep(cycle):
        yield from _metrics(night, _SLEEP)
        yield "sleep_offset_minutes", night.offset_minutes
    napped = [nap.asleep_duration for nap in _naps(cycle) if nap.asleep_duration is not None]
    if napped and METRICS["nap_hours"].accepts(hours := _hours(sum(napped))):
        yield "nap_hours", hours


def _doubtful(cycle: _Gathered) -> set[str]:
    """Name what an export since November 2025 took from the nap: the recovery went with it."""
    return set(_RECOVERY.values()) if _is_nap_row(cycle) else set()


def _main_sleep(cycle: _Gathered) -> SleepColumns | None:
    """Pick the first sleep that is no nap, else what the cycle's own row says of it."""
    nights = (sleep for sleep in cycle.sleeps if not sleep.nap)
    return next(nights, None) or _own_sleep(cycle, nap=False)


def _naps(cycle: _Gathered) -> Sequence[SleepColumns]:
    if naps := [sleep for sleep in cycle.sleeps if sleep.nap]:
        return naps
    own = _own_sleep(cycle, nap=True)
    return [own] if own else []


def _own_sleep(cycle: _Gathered, *, nap: bool) -> CycleRow | None:
    row = cycle.row
    return row if row and row.sleep_onset and _is_nap_row(cycle) is nap else None


def _is_nap_row(cycle: _Gathered) -> bool:
    """Tell whether the cycle's row describes a nap where the night should stand.

    Without the sleeps of the cycle: it begins late and has no consistency, as naps have none.
    """
    row = cycle.row
    if row is None or row.sleep_onset is None:
        return False
    if cycle.sleeps:
        return any(sleep.nap and sleep.sleep_onset == row.sleep_onset for sleep in cycle.sleeps)
    late = row.sleep_onset - row.cycle_start_time > _LATE_ONSET
    return late and row.sleep_consistency is None


def _for_calendar(key: str, cycle: _Gathered) -> calendar.Cycle:
    night = _main_sleep(cycle)
    sleep = None
    if night and night.wake_onset:
        asleep = _hours(night.asleep_duration or 0)
        sleep = calendar.MainSleep(night.wake_onset, night.offset_minutes, asleep)
    within = cycle.within
    return calendar.Cycle(
        key, within.cycle_start_time, within.cycle_end_time, within.offset_minutes, sleep
    )


def _metrics(row: SleepColumns, table: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for name, metric in table.items():
        value = _converted(row, name, metric)
        if METRICS[metric].accepts(value):
            yield metric, value


def _converted(row: SleepColumns, name: str, metric: str) -> Value:
    value: Value = getattr(row, name)
    if not isinstance(value, float):
        return value
    if metric.endswith("_hours"):
        return _hours(value)
    if metric == "energy_kj":
        return round(value * _KILOJOULES, 3)
    if metric == "sleep_efficiency":
        return min(value, 100.0)  # 101 occurs: rounding, not an error
    whole = METRICS[metric].kind == "whole" and value.is_integer()
    return int(value) if whole else value


def _hours(minutes: float) -> float:
    return round(minutes / 60, 4)
