"""The rows of an export as what is told of a life: cycles with all that happened in them (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coach.csv_import import singles
from coach.csv_import.rows import CycleRow, InCycle, JournalRow, SleepColumns, SleepRow, WorkoutRow
from coach.csv_import.values import EFFORT, RECOVERY, SLEEP, hours, metrics
from coach.days import calendar
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source, Value
from coach.days.telling import Happening, Told, ToldCycle

_LATE_ONSET = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of one client that stand, any kind of which may be missing.

    `nights` are rows of older exports, by cycle, that show the night where the newest shows a nap.
    `moved` gives the start under which a cycle is known that some file lets begin otherwise.
    Sleeps are known for cycles up to `sleeps_through`, workouts for all cycles or for none.
    """

    cycles: Sequence[CycleRow] = ()
    sleeps: Sequence[SleepRow] = ()
    workouts: Sequence[WorkoutRow] = ()
    journal: Sequence[JournalRow] = ()
    nights: Mapping[str, CycleRow] = field(default_factory=dict)
    sleeps_through: datetime | None = None
    has_workouts: bool = False
    moved: Mapping[datetime, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """One cycle with all that was uploaded of it."""

    within: InCycle
    row: CycleRow | None = None
    sleeps: list[SleepRow] = field(default_factory=list)
    workouts: int = 0
    is_nap: bool = False
    night: CycleRow | None = None

    @property
    def best(self) -> CycleRow | None:
        """Give the row that shows the night, if any does."""
        return self.night if self.is_nap and self.night else self.row


def tell(export: Export) -> Told:
    """Say what the export tells; a cycle of which nothing but its times is known is left out."""
    gathered = gather(export)
    return Told(
        cycles=_cycles(gathered, export),
        sleeps=[it for cycle in gathered.values() for it in _all_sleeps(cycle)],
        workouts=[singles.workout(row) for row in export.workouts],
        journal=[singles.answer(row) for row in export.journal],
    )


def tell_days(export: Export) -> Told:
    """Say what the export tells of days alone, without what happened in them."""
    return Told(cycles=_cycles(gather(export), export))


def gather(export: Export) -> dict[str, Gathered]:
    """Put together what was uploaded of each cycle, by its key."""
    found: dict[str, Gathered] = {}
    for row in export.cycles:
        found[row.cycle_key] = Gathered(row, row)
    for sleep in sorted(export.sleeps, key=_onset):
        found.setdefault(sleep.cycle_key, Gathered(sleep)).sleeps.append(sleep)
    for workout in export.workouts:
        found.setdefault(workout.cycle_key, Gathered(workout)).workouts += 1
    for key, cycle in found.items():
        cycle.is_nap = _is_nap_row(cycle, export.sleeps_through)
        cycle.night = export.nights.get(key)
    return found


def _cycles(gathered: Mapping[str, Gathered], export: Export) -> list[ToldCycle]:
    return [
        ToldCycle(_for_calendar(key, cycle), reading)
        for key, cycle in gathered.items()
        if (reading := _reading(cycle, count_workouts=export.has_workouts))
    ]


def _onset(sleep: SleepRow) -> str:
    return sleep.key  # the UTC onset; a row without one was refused


def _reading(cycle: Gathered, *, count_workouts: bool) -> Reading | None:
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


def _values(cycle: Gathered) -> Iterator[tuple[str, Value]]:
    if cycle.row and cycle.best:
        yield from metrics(cycle.best, RECOVERY)
        yield from metrics(cycle.row, EFFORT)
    if night := _main_sleep(cycle):
        yield from metrics(night, SLEEP)
        yield "sleep_offset_minutes", night.offset_minutes
    napped = [nap.asleep_duration for nap in _naps(cycle) if nap.asleep_duration is not None]
    if napped and METRICS["nap_hours"].accepts(total := hours(sum(napped))):
        yield "nap_hours", total


def _doubtful(cycle: Gathered) -> set[str]:
    """Name what an export since November 2025 took from the nap: the recovery went with it."""
    return set(RECOVERY.values()) if cycle.is_nap and not cycle.night else set()


def _main_sleep(cycle: Gathered) -> SleepColumns | None:
    """Pick the first sleep that is no nap, else what a row of the cycle itself says of it."""
    if night := next((sleep for sleep in cycle.sleeps if not sleep.nap), None):
        return night
    own = cycle.night if cycle.is_nap else cycle.row
    return own if own and own.sleep_onset else None


def _naps(cycle: Gathered) -> Sequence[SleepColumns]:
    if naps := [sleep for sleep in cycle.sleeps if sleep.nap]:
        return naps
    return [cycle.row] if cycle.is_nap and cycle.row else []


def _all_sleeps(cycle: Gathered) -> Iterator[Happening]:
    """Tell the sleeps of a cycle, with what its own row says where the sleeps file does not."""
    naps, nights = _naps(cycle), [sleep for sleep in cycle.sleeps if not sleep.nap]
    if not nights and (main := _main_sleep(cycle)):
        yield singles.sleep(main, nap=False)
    yield from (singles.sleep(night, nap=False) for night in nights)
    yield from (singles.sleep(nap, nap=True) for nap in naps)


def _is_nap_row(cycle: Gathered, sleeps_through: datetime | None) -> bool:
    """Tell whether the cycle's row describes a nap where the night should stand.

    Where no sleeps file reaches: it begins late and has no consistency, as naps have none.
    """
    row = cycle.row
    if row is None or row.sleep_onset is None:
        return False
    if sleeps_through and row.cycle_start_time <= sleeps_through:
        return any(sleep.nap and sleep.sleep_onset == row.sleep_onset for sleep in cycle.sleeps)
    late = row.sleep_onset - row.cycle_start_time > _LATE_ONSET
    return late and row.sleep_consistency is None


def _for_calendar(key: str, cycle: Gathered) -> calendar.Cycle:
    night = _main_sleep(cycle)
    sleep = None
    if night and night.wake_onset:
        asleep = hours(night.asleep_duration or 0)
        sleep = calendar.MainSleep(night.wake_onset, night.offset_minutes, asleep)
    within = cycle.within
    return calendar.Cycle(
        key, within.cycle_start_time, within.cycle_end_time, within.offset_minutes, sleep
    )
