"""What time it is for work: the database's, or the moment at which a simulation stopped the clock.

A simulated week runs in one process: it stops the clock at one moment after the other and has done
what is due then. Leases are not simulated; they last in real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, bindparam, func

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let it be this moment for everything that is asked for, done and planned in the block."""
    before = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(before)


def stopped() -> datetime | None:
    """Give the moment at which the clock stands; None while it runs."""
    return _stopped.get()


# Asked for whenever a statement runs, so that a statement may be built once.
_STANDING = bindparam("standing", callable_=stopped, type_=DateTime(timezone=True))


def moment() -> ColumnElement[datetime]:
    """Give the time at which the transaction began, for use in a statement."""
    return func.coalesce(_STANDING, func.now())


def instant() -> ColumnElement[datetime]:
    """Give the time at this very moment, for use in a statement that may have waited for a lock."""
    return func.coalesce(_STANDING, func.clock_timestamp())
