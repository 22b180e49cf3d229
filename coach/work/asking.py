"""Cause work: a row in the transaction of its cause."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Case, case, func, select, text
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db
from coach.ids import new_id
from coach.work.models import OPEN_STATES, Lane, Queue, Work

URGENCY = {Lane.FRESH: 0, Lane.RECONCILE: 1, Lane.BACKFILL: 2}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work, and which workers do it."""

    name: str
    queue: Queue


def ask(
    kind: Kind,
    *,
    organisation_id: UUID | None,
    subject_id: UUID,
    lane: Lane = Lane.FRESH,
    due_at: datetime | None = None,
) -> UUID:
    """Ask for work, or join the same work that is still open and make it as urgent; its id."""
    row = insert(Work).values(
        id=new_id(),
        kind=kind.name,
        queue=kind.queue,
        lane=lane,
        organisation_id=organisation_id,
        subject_id=subject_id,
        due_at=due_at or func.now(),
    )
    joined = row.on_conflict_do_update(
        index_elements=[Work.kind, Work.subject_id],
        index_where=text(OPEN_STATES),
        set_={
            "due_at": func.least(Work.due_at, row.excluded.due_at),
            "lane": case((urgency(row.excluded.lane) < urgency(Work.lane), lane), else_=Work.lane),
        },
    )
    return db.session.execute(joined.returning(Work.id)).scalar_one()


def urgency(lane: object) -> Case[int]:
    """Rank lanes in SQL, most urgent first."""
    return case({name.value: rank for name, rank in URGENCY.items()}, value=lane, else_=9)


def open_work(kind: Kind, subject_id: UUID) -> Work | None:
    """Find work of this kind that is waiting or running for a subject."""
    return db.session.scalar(
        select(Work).where(Work.kind == kind.name, Work.subject_id == subject_id, text(OPEN_STATES))
    )
