"""What happened on one day of the client's own: sleeps, workouts, and the answers of the journal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Generic, TypeVar

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.days import happenings
from coach.days.models import JournalEntry, Sleep, Workout

Lasting = TypeVar("Lasting", Sleep, Workout)


@dataclass(frozen=True, slots=True)
class Lasted(Generic[Lasting]):
    """A sleep or a workout, on the clock of the place where it was; hours from start to end."""

    it: Lasting
    started: datetime
    ended: datetime | None
    hours: float | None


@dataclass(frozen=True, slots=True)
class Happened:
    """All that happened on one day, in its order."""

    sleeps: list[Lasted[Sleep]]
    workouts: list[Lasted[Workout]]
    journal: list[JournalEntry]


def on(day: date, client: Client, *, by: Viewer) -> Happened:
    """Gather what the person looking may see of one day."""
    sleeps = happenings.sleeps(client.id, day, day, by=by)
    workouts = happenings.workouts(client.id, day, day, by=by)
    return Happened(
        sleeps=[_lasted(each) for each in reversed(sleeps)],
        workouts=[_lasted(each) for each in reversed(workouts)],
        journal=happenings.journal(client.id, day, day, by=by),
    )


def _lasted(it: Lasting) -> Lasted[Lasting]:
    there = timezone(timedelta(minutes=it.offset_minutes))
    ended = it.ended_at.astimezone(there) if it.ended_at else None
    hours = (it.ended_at - it.started_at).total_seconds() / 3600 if it.ended_at else None
    return Lasted(it, it.started_at.astimezone(there), ended, hours)
