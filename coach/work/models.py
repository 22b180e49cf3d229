"""A piece of background work as a row, and the slots that make each due time happen once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Identified, one_of


class WorkState(StrEnum):
    """Where a piece of work stands."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Queue(StrEnum):
    """Which worker process takes it."""

    SYNC = "sync"
    IMPORT = "import"
    INSIGHTS = "insights"
    MAIL = "mail"
    UPKEEP = "upkeep"


class Lane(StrEnum):
    """How urgent it is, most urgent first."""

    FRESH = "fresh"
    RECONCILE = "reconcile"
    BACKFILL = "backfill"


OPEN_STATES = "state IN ('waiting', 'queued', 'running')"


class Work(Base, Identified):
    """Something to be done once, with the lease of whoever is doing it."""

    __tablename__ = "work"

    kind: Mapped[str]
    queue: Mapped[str]
    lane: Mapped[str] = mapped_column(server_default=Lane.FRESH.value)
    organisation_id: Mapped[UUID | None]
    subject_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default=WorkState.WAITING.value)
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    lease_no: Mapped[int] = mapped_column(server_default="0")
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    correlation_id: Mapped[UUID | None]

    __table_args__ = (
        one_of("state", WorkState),
        one_of("queue", Queue),
        one_of("lane", Lane),
        # A second request for work that is still open joins it.
        Index(
            "uq_work_open",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text(OPEN_STATES),
        ),
        Index("ix_work_due", "queue", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_work_failed", "queue", postgresql_where=text("state = 'failed'")),
        Index(
            "ix_work_leased", "lease_until", postgresql_where=text("state IN ('queued', 'running')")
        ),
    )


class DueSlot(Base):
    """A moment at which something is due: a unique row, so that it happens once."""

    __tablename__ = "due_slots"

    name: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID | None]
    work_id: Mapped[UUID | None]
    taken_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_due_slots_open", "name", "due_at", postgresql_where=text("taken_at IS NULL")),
    )
