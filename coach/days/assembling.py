"""What all sources tell together: what is the same meets, and all of it gets its date (pure).

Placing looks at the cycles of both sources at once, and one that both tell counts once; so no date
ever shows one night by the API and another by the export.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from coach.days import calendar
from coach.days.calendar import Cycle, Placed
from coach.days.codec import clean, to_json
from coach.days.meeting import meet
from coach.days.merge import Reading
from coach.days.metrics import SLEEP_METRICS, WORKOUT_METRICS, Metric, Source, Value
from coach.days.telling import Answer, Happening, Told

NOTHING = Told()
Thing = TypeVar("Thing")

Row = dict[str, object]
Readings = Mapping[date, Reading]


@dataclass(frozen=True, slots=True)
class Assembled:
    """What follows from all that is told.

    Readings by source and date, the date of every told cycle by its key, and rows for the tables
    of sleeps, workouts and answers, each with its date.
    """

    readings: Mapping[Source, Readings]
    dates: Mapping[str, date]
    sleeps: list[Row]
    workouts: list[Row]
    journal: list[Row]


def assemble(told: Mapping[Source, Told]) -> Assembled:
    """Put together what the sources tell of one client."""
    finer, coarser = told.get(Source.WHOOP, NOTHING), told.get(Source.EXPORT, NOTHING)
    cycles = meet([it.cycle for it in finer.cycles], [it.cycle for it in coarser.cycles])
    places = _place(cycles)
    dates = {key: place.date for key, place in places.items()}
    timeline = _Timeline([_as_one(group) for group in cycles], dates)
    return Assembled(
        readings={source: _readings(said, places) for source, said in told.items()},
        dates=dates,
        sleeps=[_sleep_row(group, dates) for group in meet(finer.sleeps, coarser.sleeps)],
        workouts=[_workout_row(one, timeline) for one in meet(finer.workouts, coarser.workouts)],
        journal=[_answer_row(answer, dates) for answer in coarser.journal],
    )


def _place(groups: Sequence[Sequence[Cycle]]) -> dict[str, Placed]:
    """Place each cycle once, and say so under the key that each source has for it."""
    placed = {it.key: it for it in calendar.place(_as_one(group) for group in groups)}
    return {cycle.key: placed[group[0].key] for group in groups for cycle in group}


def _as_one(group: Sequence[Cycle]) -> Cycle:
    """Believe the finer source; what it does not know, the other fills."""
    return replace(
        group[0],
        ended_at=_first(cycle.ended_at for cycle in group),
        main_sleep=_first(cycle.main_sleep for cycle in group),
    )


def _readings(told: Told, places: Mapping[str, Placed]) -> Readings:
    found = {place.date: it.reading for it in told.cycles if (place := places[it.cycle.key]).owns}
    for day, values in told.by_date.items():
        if day in found:  # alone it would look like a day without a night
            found[day] = replace(found[day], values={**found[day].values, **values})
    return found


class _Timeline:
    """The cycles by start, to find the one that something fell into."""

    def __init__(self, cycles: Sequence[Cycle], dates: Mapping[str, date]) -> None:
        self._cycles = sorted(cycles, key=lambda cycle: cycle.started_at)
        self._starts = [cycle.started_at for cycle in self._cycles]
        self._dates = dates

    def date_of(self, moment: datetime, offset_minutes: int) -> date:
        """Give the date of the cycle it fell into, else the date on the wall."""
        begun = bisect_right(self._starts, moment)
        cycle = self._cycles[begun - 1] if begun else None
        if cycle and (cycle.ended_at is None or moment < cycle.ended_at):
            return self._dates[cycle.key]
        return calendar.local_date(moment, offset_minutes)


def _sleep_row(group: Sequence[Happening], dates: Mapping[str, date]) -> Row:
    best, values = group[0], _values(group)
    of_cycle = _first(dates.get(it.cycle or "") for it in group)
    woke = calendar.local_date(best.ended_at or best.started_at, best.offset_minutes)
    return {
        **_row(group, of_cycle or woke),
        "nap": values.get("nap"),
        **_plausible(values, SLEEP_METRICS),
    }


def _workout_row(group: Sequence[Happening], timeline: _Timeline) -> Row:
    best, values = group[0], _values(group)
    return {
        **_row(group, timeline.date_of(best.started_at, best.offset_minutes)),
        **to_json({"activity": values.get("activity")}),
        **_plausible(values, WORKOUT_METRICS),
    }


def _answer_row(answer: Answer, dates: Mapping[str, date]) -> Row:
    own = calendar.local_date(answer.cycle_started_at, answer.offset_minutes)
    return {
        "key": answer.key,
        "date": dates.get(answer.cycle, own).isoformat(),
        "cycle_started_at": answer.cycle_started_at.isoformat(),
        "question": clean(answer.question),
        "notes": answer.notes and clean(answer.notes),
        "answered_yes": answer.answered_yes,
    }


def _row(group: Sequence[Happening], day: date) -> Row:
    best, ended_at = group[0], _first(it.ended_at for it in group)
    return {
        "key": best.key,
        "date": day.isoformat(),
        "started_at": best.started_at.isoformat(),
        "ended_at": ended_at and ended_at.isoformat(),
        "offset_minutes": best.offset_minutes,
        "sources": [it.source.value for it in group],
    }


def _values(group: Sequence[Happening]) -> dict[str, Value]:
    """Merge field by field; the finer source comes first."""
    values: dict[str, Value] = {}
    for it in reversed(group):
        values |= it.values
    return values


def _plausible(values: Mapping[str, Value], metrics: Mapping[str, Metric]) -> Row:
    told = ((name, values.get(name)) for name in metrics)
    return to_json({name: it if metrics[name].accepts(it) else None for name, it in told})


def _first(those: Iterable[Thing | None]) -> Thing | None:
    return next((one for one in those if one is not None), None)
