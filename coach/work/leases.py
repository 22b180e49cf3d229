"""Claim work, hold it by a lease, and finish it; a stale holder can write nothing.

A job is a series of short transactions. Each one renews the lease and checks its number first, so
that a worker which was paused, and whose work another has taken up, is stopped before it writes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from coach.database import moments
from coach.database.tenancy import TELLING, TELLS_ITSELF, acting_for
from coach.extensions import db
from coach.work import clock
from coach.work.models import Work, WorkState

# The worker renews it every few seconds, so a long call does not lose it. With the sweep and the
# wait for a worker it fits twice into the minute after which work must be taken up again.
LEASE = timedelta(seconds=20)
MOST_ATTEMPTS = 3
BACKOFF = timedelta(seconds=20)


class LeaseLost(Exception):
    """Somebody else has taken up this work; stop without writing."""


class Later(Exception):
    """The work must wait until `due_at`; this try does not count as a failure."""

    def __init__(self, due_at: datetime, reason: str) -> None:
        super().__init__(reason)
        self.due_at = due_at


@dataclass(frozen=True, slots=True)
class Piece:
    """Claimed work: what to do, for whom, since when, and the number of our lease."""

    id: UUID
    kind: str
    organisation_id: UUID | None
    subject_id: UUID
    lane: str
    started_at: datetime
    attempt: int
    lease_no: int
    queue: str
    due_at: datetime
    correlation_id: UUID | None


_piece = threading.local()

# Each piece of work runs these, and each of its transactions the first: they are built once, and
# run past the session, which has no object of them.
_OURS = update(Work).where(
    Work.id == bindparam("work"),
    Work.state == WorkState.RUNNING,
    Work.lease_no == bindparam("number"),
)
_RENEW = _OURS.values(lease_until=func.now() + LEASE).returning(Work.id, *TELLING)
_DONE = _OURS.values(state=WorkState.DONE, lease_until=None, finished_at=func.now(), error=None)
_CLAIM = (
    update(Work)
    .where(
        Work.id == bindparam("work"),
        Work.state.in_([WorkState.WAITING, WorkState.QUEUED]),
        Work.due_at <= clock.moment(),  # a stale job must not cut a back-off short
    )
    .values(
        state=WorkState.RUNNING,
        attempts=Work.attempts + 1,
        lease_no=Work.lease_no + 1,
        lease_until=func.now() + LEASE,
    )
    .returning(
        Work.id,
        Work.kind,
        Work.organisation_id,
        Work.subject_id,
        Work.lane,
        clock.moment(),
        Work.attempts,
        Work.lease_no,
        Work.queue,
        Work.due_at,
        Work.correlation_id,
    )
)


def claim(work_id: UUID) -> Piece | None:
    """Take up queued work; None when it is done, gone, or held by somebody else."""
    with _transaction():
        row = db.session.connection().execute(_CLAIM, {"work": work_id}).one_or_none()
    return Piece(*row) if row else None  # type: ignore[call-arg]  # the columns, in this order


@contextmanager
def holding(piece: Piece) -> Iterator[None]:
    """Make this the work whose lease `unit_of_work` renews, acting for its organisation."""
    before, _piece.value = getattr(_piece, "value", None), piece
    try:
        with acting_for(piece.organisation_id):
            yield
    finally:
        _piece.value = before


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One short transaction of a job; raises LeaseLost before anything is written."""
    with _transaction():
        _begin()
        yield


def _begin() -> None:
    """Begin a transaction by proving that the work is still ours; raises LeaseLost."""
    piece: Piece | None = getattr(_piece, "value", None)
    if piece is None:
        return  # called in the foreground, by a command or a test
    options = None if db.session().in_transaction() else {TELLS_ITSELF: True}
    connection = db.session.connection(execution_options=options)
    if connection.execute(_RENEW, _key(piece)).one_or_none() is None:
        raise LeaseLost(f"work {piece.id} is held by somebody else")


def keep(work_id: UUID) -> None:
    """Renew the lease of running work from outside, because its process still lives."""
    _set_lease(work_id, LEASE)


def release(work_id: UUID) -> None:
    """Let the next sweep take running work back, because its process died."""
    _set_lease(work_id, timedelta())


def _set_lease(work_id: UUID, length: timedelta) -> None:
    # A unit of work that runs holds the row and has renewed the lease itself: do not wait for it.
    running = (
        select(Work.id)
        .where(Work.id == work_id, Work.state == WorkState.RUNNING)
        .with_for_update(skip_locked=True)
    )
    with _transaction():
        db.session.execute(
            update(Work).where(Work.id.in_(running)).values(lease_until=func.now() + length)
        )


def finish(piece: Piece) -> None:
    """Mark work done, unless it is, or somebody else holds it by now."""
    if getattr(_piece, "done", None) == (piece.id, piece.lease_no):
        return
    with _transaction():
        mark_done(piece)


def mark_done(piece: Piece) -> None:
    """Mark work done in the running transaction; who asks after its commit makes new work."""
    db.session.connection().execute(_DONE, _key(piece))
    _piece.done = (piece.id, piece.lease_no)


def postpone(piece: Piece, later: Later) -> None:
    """Put work back until it may go on; the try does not count."""
    with _transaction():
        put_back = _OURS.values(
            state=WorkState.WAITING,
            lease_until=None,
            due_at=later.due_at,
            attempts=Work.attempts - 1,
            error=str(later)[:500],
        )
        db.session.connection().execute(put_back, _key(piece))


def mark_ours_done() -> None:
    """Mark the work that this thread does as done in the running transaction, if it does any."""
    piece: Piece | None = getattr(_piece, "value", None)
    if piece is not None:
        mark_done(piece)


def give_up(piece: Piece, error: str) -> None:
    """Put failed work back for another try, or aside after the last one."""
    last = piece.attempt >= MOST_ATTEMPTS
    with _transaction():
        failed = _OURS.values(
            state=WorkState.FAILED if last else WorkState.WAITING,
            lease_until=None,
            due_at=clock.moment() + BACKOFF * piece.attempt,
            finished_at=func.now() if last else None,
            error=error[:500],
        )
        db.session.connection().execute(failed, _key(piece))


def now() -> datetime:
    """Read the database's clock, the only one that work is timed by; in a request, its begin."""
    return clock.stopped() or moments.began() or db.session.execute(select(func.now())).scalar_one()


def _key(piece: Piece) -> dict[str, object]:
    return {"work": piece.id, "number": piece.lease_no}


@contextmanager
def _transaction() -> Iterator[None]:
    try:
        yield
        db.session.commit()
    except BaseException:
        _piece.done = None
        db.session.rollback()
        raise
    finally:
        db.session.remove()
