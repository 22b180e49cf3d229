"""The shape in which a source speaks to days: what it tells of a client's life (plain)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from coach.days.calendar import Cycle
from coach.days.merge import Reading
from coach.days.metrics import Source, Value


@dataclass(frozen=True, slots=True)
class ToldCycle:
    """A cycle as the calendar wants it, and what the source says of the day it gives."""

    cycle: Cycle
    reading: Reading


@dataclass(frozen=True, slots=True)
class Happening:
    """A sleep or a workout; `values` are named as the columns of its table, absent is unknown.

    `cycle` is the key of its cycle where the source names one.
    """

    source: Source
    key: str
    started_at: datetime
    ended_at: datetime | None
    offset_minutes: int
    values: Mapping[str, Value]
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question of the journal; only the export tells them. Intimate."""

    key: str
    cycle: str
    cycle_started_at: datetime
    offset_minutes: int
    question: str
    answered_yes: bool | None
    notes: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """All that one source tells; `by_date` is what it knows of a date whatever its cycle."""

    cycles: Sequence[ToldCycle] = ()
    sleeps: Sequence[Happening] = ()
    workouts: Sequence[Happening] = ()
    journal: Sequence[Answer] = ()
    by_date: Mapping[date, Mapping[str, Value]] = field(default_factory=dict)
