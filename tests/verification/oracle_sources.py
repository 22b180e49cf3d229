"""What each source tells of each cycle, read from raw records and CSV texts: the oracle's eyes.

Written from the documents alone; imports nothing of the application. It reads clean material only:
English headers, unbroken rows, explicit offsets.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.verification.oracle_tables import (
    API_CYCLE,
    API_RECOVERY,
    API_SLEEP,
    ASLEEP,
    CSV_CYCLE,
    CSV_SLEEP,
    HOUR,
    NEED,
    POSSIBLE,
    RECOVERY,
)

Json = Mapping[str, object]
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApiLife:
    """One member's records as WHOOP's API v2 sends them, in any order."""

    cycles: Sequence[Json] = ()
    sleeps: Sequence[Json] = ()
    recoveries: Sequence[Json] = ()
    workouts: Sequence[Json] = ()


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The texts of one export; None is a file that is not there."""

    physiological_cycles: str | None = None
    sleeps: str | None = None
    workouts: str | None = None


@dataclass(slots=True)
class Told:
    """What one source tells of one cycle."""

    start: datetime
    end: datetime | None
    offset: int
    woke: datetime | None = None
    woke_offset: int = 0
    values: dict[str, object] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    @property
    def second(self) -> datetime:
        return self.start.replace(microsecond=0)


def api_tells(api: ApiLife) -> Iterable[Told]:
    for cycle in api.cycles:
        end = _instant(cycle["end"]) if cycle.get("end") else None
        told = Told(_instant(cycle["start"]), end, _offset(cycle["timezone_offset"]))
        sleeps = [sleep for sleep in api.sleeps if sleep["cycle_id"] == cycle["id"]]
        values = _api_values(cycle, API_CYCLE) | {"step_count": _number(cycle, "step_count")}
        values["nap_hours"] = _sum_or_none([_api_asleep(nap) for nap in sleeps if nap["nap"]])
        nights = sorted(
            (s for s in sleeps if not s["nap"]), key=lambda sleep: _instant(sleep["start"])
        )
        if nights:
            values |= _api_night(told, nights[0])
            for recovery in api.recoveries:
                if recovery["sleep_id"] == nights[0]["id"]:
                    values |= _api_values(recovery, API_RECOVERY)
        starts = [_instant(workout["start"]) for workout in api.workouts]
        values["workout_count"] = _within(told, starts)
        told.values = _possible(values)
        yield told


def _api_night(told: Told, night: Json) -> dict[str, object]:
    told.woke, told.woke_offset = _instant(night["end"]), _offset(night["timezone_offset"])
    need = [_number(_scored(night), path) for path in NEED]
    return _api_values(night, API_SLEEP) | {
        "sleep_hours": _api_asleep(night),
        "sleep_need_hours": None if None in need else (_sum_or_none(need) or 0.0) / HOUR,
        "sleep_started_at": _instant(night["start"]),
        "sleep_ended_at": told.woke,
        "sleep_offset_minutes": told.woke_offset,
    }


def _api_asleep(sleep: Json) -> float | None:
    stages = [_number(_scored(sleep), path) for path in ASLEEP]
    return None if None in stages else (_sum_or_none(stages) or 0.0) / HOUR


def _api_values(record: Json, where: Mapping[str, tuple[str, float]]) -> dict[str, object]:
    found = {name: (_number(_scored(record), path), unit) for name, (path, unit) in where.items()}
    return {name: number / unit for name, (number, unit) in found.items() if number is not None}


def _scored(record: Json) -> Json:
    return record if record["score_state"] == "SCORED" else {}


def _number(record: Json, path: str) -> float | None:
    value: object = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def export_tells(export: ExportFiles) -> Iterable[Told]:
    """Read an export; a cycle that only sleeps.csv knows is a row without values of its own."""
    sleeps, workouts = _rows(export.sleeps), _rows(export.workouts)
    starts = [_moment(workout, "Workout start time") for workout in workouts]
    cycles = {_begin(row): row for row in sleeps} | {
        _begin(row): row for row in _rows(export.physiological_cycles)
    }
    for start, row in cycles.items():
        told = Told(start, _moment(row, "Cycle end time"), _csv_offset(row))
        own = [sleep for sleep in sleeps if _begin(sleep) == start]
        values = _export_values(told, row, own, has_sleeps=export.sleeps is not None)
        if export.workouts is not None:
            values["workout_count"] = _within(told, starts)
        told.values = _possible(values)
        told.doubtful &= told.values.keys()
        yield told


def _export_values(
    told: Told, row: Row, sleeps: Sequence[Row], *, has_sleeps: bool
) -> dict[str, object]:
    naps = [sleep for sleep in sleeps if sleep["Nap"].lower() == "true"]
    nights = [sleep for sleep in sleeps if sleep not in naps]
    values: dict[str, object] = {}
    if row not in sleeps:
        values |= _csv_values(row, CSV_CYCLE)
    is_nap = _shows_a_nap(row, naps) if has_sleeps else _looks_like_a_nap(row)
    if is_nap:
        told.doubtful = set(RECOVERY)
    elif not nights and row["Sleep onset"]:
        nights = [row]  # a cycle that sleeps.csv does not hold
    if nights:
        values |= _csv_night(told, min(nights, key=lambda night: night["Sleep onset"]))
    asleep = [_csv_values(nap, CSV_SLEEP).get("sleep_hours") for nap in naps]
    return values | {"nap_hours": _sum_or_none(asleep)}


def _shows_a_nap(row: Row, naps: Iterable[Row]) -> bool:
    return any(row["Sleep onset"] == nap["Sleep onset"] for nap in naps)


def _looks_like_a_nap(row: Row) -> bool:
    """Without sleeps.csv: begun more than an hour into the cycle and without a consistency."""
    onset = _moment(row, "Sleep onset")
    is_late = onset is not None and onset - _begin(row) > timedelta(hours=1)
    return is_late and row.get("Sleep consistency %") == ""


def _csv_night(told: Told, night: Row) -> dict[str, object]:
    told.woke, told.woke_offset = _moment(night, "Wake onset"), _csv_offset(night)
    values = _csv_values(night, CSV_SLEEP)
    if "sleep_efficiency" in values:
        values["sleep_efficiency"] = min(values["sleep_efficiency"], 100.0)  # 101 occurs
    return values | {
        "sleep_started_at": _moment(night, "Sleep onset"),
        "sleep_ended_at": told.woke,
        "sleep_offset_minutes": told.woke_offset,
    }


def _csv_values(row: Row, where: Mapping[str, tuple[str, float]]) -> dict[str, float]:
    cells = {name: (row.get(column), unit) for name, (column, unit) in where.items()}
    return {name: float(cell) / unit for name, (cell, unit) in cells.items() if cell}


def _rows(text: str | None) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text or "")))


def _begin(row: Row) -> datetime:
    start = _moment(row, "Cycle start time")
    assert start is not None
    return start


def _moment(row: Row, column: str) -> datetime | None:
    if not row[column]:
        return None
    wall = datetime.fromisoformat(row[column]).replace(tzinfo=UTC)
    return wall - timedelta(minutes=_csv_offset(row))


def _csv_offset(row: Row) -> int:
    return _offset(row["Cycle timezone"].removeprefix("UTC"))


# --- both ----------------------------------------------------------------------------------------


def _offset(text: object) -> int:
    if text == "Z":
        return 0
    sign, hours, minutes = str(text)[0], int(str(text)[1:3]), int(str(text)[4:6])
    return (hours * 60 + minutes) * (-1 if sign == "-" else 1)


def _within(told: Told, starts: Iterable[datetime | None]) -> int:
    return sum(
        start is not None and told.start <= start and (told.end is None or start < told.end)
        for start in starts
    )


def _sum_or_none(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _possible(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, datetime) or _is_possible(name, value)
    }


def _is_possible(name: str, value: object) -> bool:
    low, high = POSSIBLE.get(name, (0, 0))
    return isinstance(value, int | float) and low <= value <= high
