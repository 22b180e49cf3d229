"""Single sleeps, workouts and answers: written as a difference, read by whoever may see them.

They follow from what the sources hold, as days do, so that a deletion at WHOOP or an import that is
undone takes away its own part only.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Select, select

from coach.accounts.access import Viewer
from coach.accounts.models import FieldGroup
from coach.database.bulk import Row
from coach.database.tenancy import current_organisation
from coach.database.writes import Writes
from coach.days.assembling import Assembled
from coach.days.models import JournalEntry, Sleep, Workout
from coach.extensions import db

Table = TypeVar("Table", Sleep, Workout, JournalEntry)
KEY = ("organisation_id", "client_id", "key")
# What is stored of some dates and told no more.
_UNTOLD = (
    'DELETE FROM "{}" WHERE organisation_id = CAST(:organisation_id AS uuid)'
    " AND client_id = CAST(:client_id AS uuid) AND date BETWEEN :first AND :last"
    " AND key NOT IN (SELECT jsonb_array_elements_text(CAST(:told AS jsonb)))"
)


def write(
    client_id: UUID, assembled: Assembled, writes: Writes, *, first: date, last: date
) -> None:
    """Make these all that a client's tables hold of the dates from first to last."""
    since, until = first.isoformat(), last.isoformat()  # as the rows write them
    for table, rows in (
        (Sleep, assembled.sleeps),
        (Workout, assembled.workouts),
        (JournalEntry, assembled.journal),
    ):
        within = [row for row in rows if since <= str(row["date"]) <= until]
        place = {**_owner(client_id), "first": first, "last": last}
        _write(table.__tablename__, within, writes, place)


def sleeps(client_id: UUID, first: date, last: date, *, by: Viewer) -> list[Sleep]:
    """List nights and naps of these dates, newest first; none when they are not shared."""
    if not _may_see(client_id, FieldGroup.SLEEP, by=by):
        return []
    mine = _between(Sleep, client_id, first, last)
    return list(db.session.scalars(mine.order_by(Sleep.started_at.desc())))


def workouts(client_id: UUID, first: date, last: date, *, by: Viewer) -> list[Workout]:
    """List workouts of these dates, newest first; none when they are not shared."""
    if not _may_see(client_id, FieldGroup.WORKOUTS, by=by):
        return []
    mine = _between(Workout, client_id, first, last)
    return list(db.session.scalars(mine.order_by(Workout.started_at.desc())))


def journal(client_id: UUID, first: date, last: date, *, by: Viewer) -> list[JournalEntry]:
    """List the answers of these dates, newest cycle first; none when they are not shared."""
    if not _may_see(client_id, FieldGroup.JOURNAL, by=by):
        return []
    mine = _between(JournalEntry, client_id, first, last)
    order = (JournalEntry.cycle_started_at.desc(), JournalEntry.question)
    return list(db.session.scalars(mine.order_by(*order)))


def _may_see(client_id: UUID, group: FieldGroup, *, by: Viewer) -> bool:
    """Tell whether this was shared with them; a client they may not know of answers with 404."""
    known = by.client_or_404(client_id).id
    return group in by.shared([known])[known]


def _between(table: type[Table], client_id: UUID, first: date, last: date) -> Select[Table]:
    return select(table).where(
        table.organisation_id == current_organisation(),
        table.client_id == client_id,
        table.date.between(first, last),
    )


def _write(table: str, rows: Sequence[Row], writes: Writes, place: Row) -> None:
    owner = {name: place[name] for name in KEY[:2]}
    writes.upsert_changed(table, [{**owner, **row} for row in rows], key=KEY)
    told = to_json([row["key"] for row in rows]).decode()  # an array of thousands costs more
    writes.add(_UNTOLD.format(table), {**place, "told": told})


def _owner(client_id: UUID) -> Row:
    return {"organisation_id": str(current_organisation()), "client_id": str(client_id)}
