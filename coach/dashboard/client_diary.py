"""What a client did and said: workouts, journal, check-ins, tags, and what coaches noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import and_, select

from coach.accounts.access import Viewer
from coach.accounts.models import Client, CoachClient, FieldGroup, Membership
from coach.check_ins import reading
from coach.check_ins.models import CheckIn, CoachNote, DayTag
from coach.dashboard.client_range import Range
from coach.days.metrics import WORKOUT_METRICS
from coach.days.models import JournalEntry, Workout
from coach.extensions import db

MOST_NOTES = 50
Entry = TypeVar("Entry", Workout, JournalEntry)
ZONES = tuple(name for name in WORKOUT_METRICS if name.startswith("zone_"))


@dataclass(frozen=True, slots=True)
class Zone:
    """The minutes of a workout in one heart rate zone, and their share of it in percent."""

    number: int
    minutes: float
    share: float


@dataclass(frozen=True, slots=True)
class Session:
    """One workout, on the clock of the place where it was."""

    workout: Workout
    started: datetime
    hours: float | None
    zones: Sequence[Zone]


@dataclass(frozen=True, slots=True)
class Noted:
    """What a coach noted: by whom (None: who is gone), and whether that is who looks."""

    note: CoachNote
    author: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Diary:
    """A client's doings and sayings of a range; what is not shared is empty and in `hidden`."""

    client: Client
    shares: frozenset[FieldGroup]
    hidden: list[FieldGroup]
    shown: Range
    sessions: list[Session]
    journal: list[JournalEntry]
    check_ins: list[CheckIn]
    tags: list[DayTag]
    notes: list[Noted] | None  # None for an owner who does not coach this client


def for_viewer(viewer: Viewer, client: Client, shown: Range) -> Diary:
    """Gather what is shared, newest first; notes are for those who coach this client."""
    shares = viewer.shared([client.id])[client.id]
    workouts = _entries(Workout, viewer, client, shown) if FieldGroup.WORKOUTS in shares else []
    journal = _entries(JournalEntry, viewer, client, shown) if FieldGroup.JOURNAL in shares else []
    said, tags = _said(client, shown) if FieldGroup.CHECK_IN in shares else ([], [])
    return Diary(
        client=client,
        shares=shares,
        hidden=[group for group in FieldGroup if group not in shares],
        shown=shown,
        sessions=sorted(map(_session, workouts), key=lambda it: it.started, reverse=True),
        journal=sorted(journal, key=lambda it: (-it.date.toordinal(), it.question)),
        check_ins=said[::-1],
        tags=tags,
        notes=_notes(viewer, client),
    )


def _entries(table: type[Entry], viewer: Viewer, client: Client, shown: Range) -> Sequence[Entry]:
    return db.session.scalars(
        select(table).where(
            table.organisation_id == viewer.organisation_id,
            table.client_id == client.id,
            table.date.between(shown.first, shown.last),
        )
    ).all()


def _said(client: Client, shown: Range) -> tuple[list[CheckIn], list[DayTag]]:
    return reading.said(client.id, first=shown.first, last=shown.last)


def _notes(viewer: Viewer, client: Client) -> list[Noted] | None:
    """List what coaches noted, for who coaches this client; one statement for both questions."""
    of_client = and_(
        CoachNote.organisation_id == CoachClient.organisation_id,
        CoachNote.client_id == CoachClient.client_id,
    )
    author = and_(
        Membership.organisation_id == CoachNote.organisation_id,
        Membership.id == CoachNote.author_id,
    )
    found = db.session.execute(
        select(CoachNote, Membership.name)
        .select_from(CoachClient)
        .join(CoachNote, of_client, isouter=True)
        .join(Membership, author, isouter=True)
        .where(
            CoachClient.organisation_id == viewer.organisation_id,
            CoachClient.client_id == client.id,
            CoachClient.coach_id == viewer.membership_id,
        )
        .order_by(CoachNote.date.desc(), CoachNote.id.desc())
        .limit(MOST_NOTES)
    ).all()
    mine = viewer.membership_id
    notes = [Noted(note, name, note.author_id == mine) for note, name in found if note is not None]
    return notes if found else None


def _session(workout: Workout) -> Session:
    lasted = workout.ended_at - workout.started_at if workout.ended_at else None
    minutes = [getattr(workout, name) or 0.0 for name in ZONES]
    whole = sum(minutes)
    zones = [Zone(at, it, round(100 * it / whole, 1)) for at, it in enumerate(minutes) if it]
    return Session(
        workout=workout,
        started=workout.started_at + timedelta(minutes=workout.offset_minutes),
        hours=lasted.total_seconds() / 3600 if lasted else None,
        zones=zones,
    )
