"""Due moments as unique rows: whoever takes one does it once, however many schedulers run."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db
from coach.work.models import DueSlot

BATCH = 500


def plan(name: str, *, subject_id: UUID, organisation_id: UUID | None, due_at: datetime) -> None:
    """Plan the next moment of a subject; planning the same one twice changes nothing."""
    db.session.execute(
        insert(DueSlot)
        .values(name=name, subject_id=subject_id, organisation_id=organisation_id, due_at=due_at)
        .on_conflict_do_nothing()
    )


def is_planned(name: str, *, subject_id: UUID) -> bool:
    """Tell whether a moment of a subject is still to come."""
    mine = (DueSlot.name == name, DueSlot.subject_id == subject_id, DueSlot.taken_at.is_(None))
    return db.session.scalar(select(DueSlot.due_at).where(*mine).limit(1)) is not None


def forget(name: str, *, subject_id: UUID) -> None:
    """Drop what is planned for a subject."""
    db.session.execute(
        delete(DueSlot).where(DueSlot.name == name, DueSlot.subject_id == subject_id)
    )


def take_due(name: str, *, now: datetime) -> list[Row[UUID, UUID | None, datetime]]:
    """Take due slots as (subject, organisation, moment); another scheduler skips them."""
    due = (
        select(DueSlot.name, DueSlot.subject_id, DueSlot.due_at)
        .where(DueSlot.name == name, DueSlot.taken_at.is_(None), DueSlot.due_at <= now)
        .order_by(DueSlot.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    key = tuple_(DueSlot.name, DueSlot.subject_id, DueSlot.due_at)
    taken = (
        update(DueSlot)
        .where(key.in_(due))
        .values(taken_at=func.now())
        .returning(DueSlot.subject_id, DueSlot.organisation_id, DueSlot.due_at)
    )
    return list(db.session.execute(taken))
