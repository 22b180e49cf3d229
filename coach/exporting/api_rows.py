"""What WHOOP's API tells, as rows of its export: the same facts in the export's units (pure).

A sleep or a workout that lies in no cycle has no row, since every row names its cycle.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime

from coach.csv_import.headers import Kind
from coach.csv_import.rows import Row, from_parsed
from coach.csv_import.values import EFFORT, RECOVERY, SLEEP
from coach.days.calendar import Cycle
from coach.days.metrics import Value
from coach.days.telling import Happening, Told

_KILOJOULES = 4.184
_WORKOUT = {
    "activity_name": "activity",
    "activity_strain": "strain",
    "energy_burned": "energy_kj",
    "average_hr": "average_heart_rate",
    "max_hr": "max_heart_rate",
    "distance": "distance_m",
    "altitude_gain": "altitude_gain_m",
    "altitude_change": "altitude_change_m",
}
_ZONES = [f"zone_{zone}_minutes" for zone in range(6)]


def rows_of(told: Told) -> list[Row]:
    """Give the rows of the cycles that are told, and of what happened in them."""
    cycles = sorted((it.cycle for it in told.cycles), key=_start)
    by_key = {cycle.key: cycle for cycle in cycles}
    made = [
        _row(Kind.CYCLE, it.cycle, it.cycle.offset_minutes, _of_a_cycle(it.reading.values))
        for it in told.cycles
    ]
    made += [
        _row(Kind.SLEEP, by_key[sleep.cycle], sleep.offset_minutes, _of_a_sleep(sleep))
        for sleep in told.sleeps
        if sleep.cycle in by_key
    ]
    made += [
        _row(Kind.WORKOUT, cycle, workout.offset_minutes, _of_a_workout(workout))
        for workout in told.workouts
        if (cycle := _around(workout.started_at, cycles))
    ]
    return made


def _start(cycle: Cycle) -> datetime:
    return cycle.started_at


def _around(moment: datetime, cycles: list[Cycle]) -> Cycle | None:
    """Find the cycle that something fell into."""
    begun = bisect_right(cycles, moment, key=_start)
    cycle = cycles[begun - 1] if begun else None
    return cycle if cycle and (cycle.ended_at is None or moment < cycle.ended_at) else None


def _row(kind: Kind, cycle: Cycle, offset_minutes: int, values: Mapping[str, Value]) -> Row:
    times: dict[str, Value] = {
        "cycle_start_time": cycle.started_at,
        "cycle_end_time": cycle.ended_at,
    }
    said = {**times, **values}
    cut = {
        name: value.replace(microsecond=0) if isinstance(value, datetime) else value
        for name, value in said.items()
    }
    return from_parsed(kind, {**cut, "offset_minutes": offset_minutes})


def _of_a_cycle(values: Mapping[str, Value]) -> dict[str, Value]:
    return dict(_back(values, RECOVERY | EFFORT | SLEEP))


def _of_a_sleep(sleep: Happening) -> dict[str, Value]:
    return {
        **dict(_back(sleep.values, SLEEP)),
        "sleep_onset": sleep.started_at,
        "wake_onset": sleep.ended_at,
        "nap": sleep.values.get("nap"),
    }


def _of_a_workout(workout: Happening) -> dict[str, Value]:
    return {
        **dict(_back(workout.values, _WORKOUT)),
        **_zones(workout.values),
        "workout_start_time": workout.started_at,
        "workout_end_time": workout.ended_at,
    }


def _back(values: Mapping[str, Value], names: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    """Give values by the names and in the units of the export; its minutes may be broken here."""
    for field, name in names.items():
        value = values.get(name)
        if isinstance(value, int | float) and name.endswith("_hours"):
            value = round(value * 60, 6)
        elif isinstance(value, int | float) and name == "energy_kj":
            value = round(value / _KILOJOULES, 6)
        yield field, value


def _zones(values: Mapping[str, Value]) -> dict[str, Value]:
    """Turn minutes into per cent of all that was measured."""
    minutes = [it for name in _ZONES if isinstance(it := values.get(name), int | float)]
    measured = sum(minutes)
    if len(minutes) < len(_ZONES) or not measured:
        return {}
    shares = {f"hr_zone_{zone}": 100 * minutes[zone] / measured for zone in range(1, 6)}
    return {**shares, "duration": measured}
