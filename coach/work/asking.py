"""Cause work: a row in the transaction of its cause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Case, DateTime, Interval, bindparam, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db
from coach.ids import new_id
from coach.observability import correlation
from coach.work import clock
from coach.work.models import OPEN_STATES, Lane, Queue, Work, WorkState

log = structlog.get_logger()

URGENCY = {Lane.FRESH: 0, Lane.RECONCILE: 1, Lane.BACKFILL: 2}


def urgency(lane: object) -> Case[int]:
    """Rank lanes in SQL, most urgent first."""
    return case({name.value: rank for name, rank in URGENCY.items()}, value=lane, else_=9)


# Every page and every piece of work may ask for more, so it is built once.
_ROW = insert(Work).values(
    **{name: bindparam(name) for name in ("id", "kind", "queue", "lane")},
    **{name: bindparam(name) for name in ("organisation_id", "subject_id", "correlation_id")},
    due_at=func.coalesce(bindparam("at", type_=DateTime(timezone=True)), clock.moment())
    + bindparam("pause", type_=Interval),
)
_MORE_URGENT = urgency(_ROW.excluded.lane) < urgency(Work.lane)
_ASK = _ROW.on_conflict_do_update(
    index_elements=[Work.kind, Work.subject_id],
    index_where=text(OPEN_STATES),
    set_={
        "due_at": func.least(Work.due_at, _ROW.excluded.due_at),
        "lane": case((_MORE_URGENT, _ROW.excluded.lane), else_=Work.lane),
    },
).returning(Work.id)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work, and which workers do it."""

    name: str
    queue: Queue


def ask(  # noqa: PLR0913  # what work is
    kind: Kind,
    *,
    organisation_id: UUID | None,
    subject_id: UUID,
    lane: Lane = Lane.FRESH,
    due_at: datetime | None = None,
    pause: timedelta = timedelta(),
) -> UUID:
    """Ask for work, or join the same work that is still open and make it as urgent; its id.

    It is due a `pause` after `due_at`, or after now.
    """
    asked = {
        "id": new_id(),
        "kind": kind.name,
        "queue": kind.queue,
        "lane": lane,
        "organisation_id": organisation_id,
        "subject_id": subject_id,
        "correlation_id": correlation.current() or uuid4(),
        "at": due_at,
        "pause": pause,
    }
    work_id = db.session.connection().execute(_ASK, asked).scalar_one()
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


def open_work(kind: Kind, subject_id: UUID) -> Work | None:
    """Find work of this kind that is waiting or running for a subject."""
    return db.session.scalar(
        select(Work).where(Work.kind == kind.name, Work.subject_id == subject_id, text(OPEN_STATES))
    )


def hold_open(kind: Kind, subject_id: UUID) -> None:
    """Lock the row of open work, if there is any, before what whoever does it locks after it."""
    held = select(Work.id).where(
        Work.kind == kind.name, Work.subject_id == subject_id, text(OPEN_STATES)
    )
    db.session.execute(held.with_for_update(key_share=True))


def call_off(kind: Kind, subject_ids: Collection[UUID]) -> None:
    """End work of these subjects that is open; who is doing it is stopped before the next write.

    Waits for a transaction of it that is under way.
    """
    db.session.execute(
        update(Work)
        .where(Work.kind == kind.name, Work.subject_id.in_(subject_ids), text(OPEN_STATES))
        .values(state=WorkState.DONE, lease_until=None, finished_at=func.now())
    )
