"""The shapes of rows, named as the export names them; times are UTC instants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from types import GenericAlias
from typing import ClassVar, cast

from pydantic import TypeAdapter

from coach.csv_import.headers import Kind

_LONGEST_KEY = 200  # an index row of PostgreSQL holds no more than 2,704 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class InCycle:
    """What every row says of its cycle; the offset is the one in force when it was recorded."""

    cycle_start_time: datetime
    cycle_end_time: datetime | None = None
    offset_minutes: int

    @property
    def starts_at(self) -> datetime:
        """Tell when that begins which the row describes."""
        return self.cycle_start_time

    @property
    def cycle_key(self) -> str:
        """Name the cycle the row belongs to, alike in all four files."""
        return cycle_key(self.cycle_start_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepColumns(InCycle):
    """The columns of a sleep, which the cycles file repeats; durations in minutes."""

    sleep_onset: datetime | None = None
    wake_onset: datetime | None = None
    sleep_performance: float | None = None
    respiratory_rate: float | None = None
    asleep_duration: float | None = None
    in_bed_duration: float | None = None
    light_sleep_duration: float | None = None
    deep_duration: float | None = None
    rem_duration: float | None = None
    awake_duration: float | None = None
    sleep_need: float | None = None
    sleep_debt: float | None = None
    sleep_efficiency: float | None = None
    sleep_consistency: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRow(SleepColumns):
    """A row of physiological_cycles; `energy_burned` is in kilocalories whatever its title says."""

    kind: ClassVar = Kind.CYCLE
    needs: ClassVar = ("cycle_start_time",)

    recovery_score: float | None = None
    resting_heart_rate: float | None = None
    heart_rate_variability: float | None = None
    skin_temp: float | None = None
    blood_oxygen: float | None = None
    day_strain: float | None = None
    energy_burned: float | None = None
    max_hr: float | None = None
    average_hr: float | None = None

    @property
    def key(self) -> str:
        return self.cycle_key


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepRow(SleepColumns):
    """A row of sleeps: a night or a nap."""

    kind: ClassVar = Kind.SLEEP
    needs: ClassVar = ("cycle_start_time", "sleep_onset")

    nap: bool | None = None

    @property
    def starts_at(self) -> datetime:
        return self.sleep_onset or self.cycle_start_time

    @property
    def key(self) -> str:
        return f"sleep:{_utc(self.sleep_onset)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutRow(InCycle):
    """A row of workouts; the GPS columns exist until 2025 only."""

    kind: ClassVar = Kind.WORKOUT
    needs: ClassVar = ("cycle_start_time", "workout_start_time")

    workout_start_time: datetime
    workout_end_time: datetime | None = None
    duration: float | None = None
    activity_name: str | None = None
    activity_strain: float | None = None
    energy_burned: float | None = None
    max_hr: float | None = None
    average_hr: float | None = None
    hr_zone_1: float | None = None
    hr_zone_2: float | None = None
    hr_zone_3: float | None = None
    hr_zone_4: float | None = None
    hr_zone_5: float | None = None
    gps_enabled: bool | None = None
    distance: float | None = None
    altitude_gain: float | None = None
    altitude_change: float | None = None

    @property
    def starts_at(self) -> datetime:
        return self.workout_start_time

    @property
    def key(self) -> str:
        # The start is unique too, and stays when a newer export names the activity otherwise.
        return f"workout:{_utc(self.workout_start_time)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow(InCycle):
    """A row of journal_entries: one question of one cycle. Intimate."""

    kind: ClassVar = Kind.JOURNAL
    needs: ClassVar = ("cycle_start_time", "question_text")

    question_text: str
    answered_yes: bool | None = None
    notes: str | None = None

    @property
    def key(self) -> str:
        return f"journal:{_utc(self.cycle_start_time)}/{_short(self.question_text)}"


Row = CycleRow | SleepRow | WorkoutRow | JournalRow

SHAPES: dict[Kind, type[Row]] = {
    Kind.CYCLE: CycleRow,
    Kind.SLEEP: SleepRow,
    Kind.WORKOUT: WorkoutRow,
    Kind.JOURNAL: JournalRow,
}


def cycle_key(start: datetime) -> str:
    """Name the cycle that began at a moment."""
    return f"cycle:{_utc(start)}"


def parsed(row: Row) -> dict[str, object]:
    """Turn a row into what JSON can hold; an absent key was an empty cell."""
    said: dict[str, object] = _adapter(row.kind).dump_python(row, mode="json", exclude_none=True)
    return said


def from_parsed(kind: Kind, values: dict[str, object]) -> Row:
    """Make the row again from what `parsed` made, or from cells that were read."""
    return _adapter(kind).validate_python(values)


def maker(kind: Kind) -> Callable[[dict[str, object]], Row]:
    """Give what `from_parsed` is for one kind, for those who make thousands of rows."""
    make: Callable[[dict[str, object]], Row] = _adapter(kind).validator.validate_python
    return make


def many_from_json(kind: Kind, text: str) -> list[Row]:
    """Make many rows of one kind again, from a JSON array of what `parsed` made."""
    return _many_adapter(kind).validate_json(text)


@cache
def _adapter(kind: Kind) -> TypeAdapter[Row]:
    return TypeAdapter(SHAPES[kind])


@cache
def _many_adapter(kind: Kind) -> TypeAdapter[list[Row]]:
    return TypeAdapter(cast("type[list[Row]]", GenericAlias(list, (SHAPES[kind],))))


@lru_cache(maxsize=2048)  # a cycle's times stand in many rows, and several times in each
def _utc(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds")[:19] + "Z" if moment else ""


def _short(text: str) -> str:
    """Keep a key short enough for an index, and distinct."""
    trimmed = text.strip()
    if len(trimmed) <= _LONGEST_KEY:
        return trimmed
    return trimmed[: _LONGEST_KEY // 2] + sha256(trimmed.encode()).hexdigest()
