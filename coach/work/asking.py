"""Cause work: a row in the transaction of its cause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Case, ColumnElement, case, func, select, text
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db
from coach.ids import new_id
from coach.observability import correlation
from coach.work import clock
from coach.work.models import OPEN_STATES, Lane, Queue, Work

log = structlog.get_logger()

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
    due_at: datetime | ColumnElement[datetime] | None = None,
) -> UUID:
    """Ask for work, or join the same work that is still open and make it as urgent; its id."""
    row = insert(Work).values(
        id=new_id(),
        kind=kind.name,
        queue=kind.queue,
        lane=lane,
        organisation_id=organisation_id,
        subject_id=subject_id,
        due_at=clock.moment() if due_at is None else due_at,
        correlation_id=correlation.current() or uuid4(),
    )
    joined = row.on_conflict_do_update(
        index_elements=[Work.kind, Work.subject_id],
        index_where=text(OPEN_STATES),
        set_={
            "due_at": func.least(Work.due_at, row.excluded.due_at),
            "lane": case((urgency(row.excluded.lane) < urgency(Work.lane), lane), else_=Work.lane),
        },
    )
    work_id = db.session.execute(joined.returning(Work.id)).scalar_one()
    # Who joins open work does not become its cause; this line ties the two together.
    log.info("work_asked", asked=str(work_id), asked_kind=kind.name)
    return work_id


def ask_of_many(
    kind: Kind, *, organisation_id: UUID, subject_ids: Collection[UUID], lane: Lane
) -> None:
    """Ask for the same work of many subjects at once; work that is open stays as it is."""
    if not subject_ids:
        return
    said = {"kind": kind.name, "queue": kind.queue, "lane": lane}
    cause = {"organisation_id": organisation_id, "correlation_id": correlation.current() or uuid4()}
    rows = [{"id": new_id(), "subject_id": each, **said, **cause} for each in subject_ids]
    row = insert(Work).values(due_at=clock.moment())
    db.session.execute(row.on_conflict_do_nothing(), rows)
    log.info("work_asked", asked_kind=kind.name, count=len(rows))


def urgency(lane: object) -> Case[int]:
    """Rank lanes in SQL, most urgent first."""
    return case({name.value: rank for name, rank in URGENCY.items()}, value=lane, else_=9)


def open_work(kind: Kind, subject_id: UUID) -> Work | None:
    """Find work of this kind that is waiting or running for a subject."""
    return db.session.scalar(
        select(Work).where(Work.kind == kind.name, Work.subject_id == subject_id, text(OPEN_STATES))
    )
