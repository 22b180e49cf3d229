"""Cycles with all that happened in them, and single sleeps and workouts, in the words of days."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coach.days import calendar
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source
from coach.days.telling import Happening, Told, ToldCycle
from coach.whoop.mapping.values import (
    DECIMALS,
    Values,
    asleep_hours,
    of_cycle,
    of_night,
    of_recovery,
    of_workout,
    offset_of,
    scored,
)
from coach.whoop.payloads import Cycle, Problem, Recovery, ScoreState, Sleep, Workout


@dataclass(frozen=True, slots=True)
class _Life:
    """One cycle with all that happened in it; `workouts` is None when we may not know them."""

    cycle: Cycle
    main: Sleep | None
    naps: Sequence[Sleep]
    recovery: Recovery | None
    workouts: Sequence[Workout] | None

    @property
    def key(self) -> str:
        return str(self.cycle.id)


def tell(
    cycles: Iterable[Cycle],
    sleeps: Iterable[Sleep],
    recoveries: Iterable[Recovery],
    workouts: Iterable[Workout] | None,
) -> tuple[Told, list[Problem]]:
    """Tell what WHOOP says, and what could not be used; None for workouts that were not granted."""
    sleeps, workouts = list(sleeps), None if workouts is None else list(workouts)
    lives = _lives(cycles, sleeps, recoveries, workouts)
    problems: list[Problem] = []
    told = Told(
        cycles=[ToldCycle(_on_calendar(it), _reading(it, problems)) for it in lives],
        sleeps=[_sleep(it) for it in sleeps],
        workouts=[_workout(it) for it in workouts or ()],
    )
    return told, problems


def _lives(
    cycles: Iterable[Cycle],
    sleeps: Iterable[Sleep],
    recoveries: Iterable[Recovery],
    workouts: Iterable[Workout] | None,
) -> list[_Life]:
    slept: dict[int | None, list[Sleep]] = defaultdict(list)
    for sleep in sorted(sleeps, key=lambda sleep: (sleep.start, sleep.id)):
        slept[sleep.cycle_id].append(sleep)
    recovered = {recovery.sleep_id: recovery for recovery in recoveries}
    trained = None if workouts is None else sorted(workouts, key=_start)
    return [_life(cycle, slept.get(cycle.id, []), recovered, trained) for cycle in cycles]


def _life(
    cycle: Cycle,
    sleeps: Sequence[Sleep],
    recovered: Mapping[UUID, Recovery],
    workouts: Sequence[Workout] | None,
) -> _Life:
    main = next((sleep for sleep in sleeps if sleep.nap is False), None)
    return _Life(
        cycle=cycle,
        main=main,
        naps=[sleep for sleep in sleeps if sleep.nap],
        # Naps may have recoveries of their own, which say nothing about the day.
        recovery=recovered.get(main.id) if main else None,
        workouts=None if workouts is None else _within(cycle, workouts),
    )


def _within(cycle: Cycle, workouts: Sequence[Workout]) -> Sequence[Workout]:
    first = bisect_left(workouts, cycle.start, key=_start)
    last = bisect_left(workouts, cycle.end, key=_start) if cycle.end else len(workouts)
    return workouts[first:last]


def _start(record: Workout) -> datetime:
    return record.start


def _on_calendar(life: _Life) -> calendar.Cycle:
    cycle, main = life.cycle, life.main
    own = offset_of(cycle.timezone_offset)
    its = offset_of(main.timezone_offset) if main else None
    night = None
    if main and main.end:
        offset = _first_of(its, own)
        night = calendar.MainSleep(main.end, offset, asleep_hours(main) or 0.0)
    return calendar.Cycle(life.key, cycle.start, cycle.end, _first_of(own, its), night)


def _sleep(sleep: Sleep) -> Happening:
    return Happening(
        source=Source.WHOOP,
        key=str(sleep.id),
        started_at=sleep.start,
        ended_at=sleep.end,
        offset_minutes=_first_of(offset_of(sleep.timezone_offset)),
        values=_known(of_night(sleep) | {"nap": sleep.nap}),
        cycle=None if sleep.cycle_id is None else str(sleep.cycle_id),
    )


def _workout(workout: Workout) -> Happening:
    return Happening(
        source=Source.WHOOP,
        key=str(workout.id),
        started_at=workout.start,
        ended_at=workout.end,
        offset_minutes=_first_of(offset_of(workout.timezone_offset)),
        values=_known(of_workout(workout)),
    )


def _first_of(*offsets: int | None) -> int:
    """Take the first offset that could be read; UTC when none could."""
    return next((offset for offset in offsets if offset is not None), 0)


def _reading(life: _Life, problems: list[Problem]) -> Reading:
    said = _said(life)
    problems += [*_nonsense(life, said), *_lost_offsets(life)]
    values = {name: value for name, value in said.items() if METRICS[name].accepts(value)}
    score = scored(life.recovery)
    return Reading(
        source=Source.WHOOP,
        values=values,
        provisional=life.cycle.end is None or any(_pending(life)),
        calibrating=bool(score and score.user_calibrating),
    )


def _said(life: _Life) -> Values:
    """Collect what WHOOP says; what is null says nothing."""
    night, recovery = of_night(life.main), of_recovery(life.recovery)
    return _known(of_cycle(life.cycle) | night | recovery | _of_the_rest(life))


def _known(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _pending(life: _Life) -> Iterator[bool]:
    for record in (life.cycle, life.main, *life.naps, life.recovery, *(life.workouts or ())):
        yield record is not None and record.score_state is ScoreState.PENDING_SCORE


def _nonsense(life: _Life, said: Values) -> list[Problem]:
    return [
        Problem("Cycle", life.key, name, "implausible")
        for name, value in said.items()
        if not METRICS[name].accepts(value)
    ]


def _lost_offsets(life: _Life) -> list[Problem]:
    return [
        Problem(type(record).__name__, str(record.id), "timezone_offset", "not an offset")
        for record in (life.cycle, life.main)
        if record and record.timezone_offset and offset_of(record.timezone_offset) is None
    ]


def _of_the_rest(life: _Life) -> Values:
    said: Values = {}
    naps = [hours for nap in life.naps if (hours := asleep_hours(nap)) is not None]
    if naps:
        said["nap_hours"] = round(sum(naps), DECIMALS)
    if life.workouts is not None:
        said["workout_count"] = len(life.workouts)
    return said
