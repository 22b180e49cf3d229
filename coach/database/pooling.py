"""Asks a pooled connection whether it lives, but only when it has been idle for a moment.

SQLAlchemy's `pool_pre_ping` asks before each transaction; a sync has many, one right after another.
"""

from time import monotonic

from psycopg import Error
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

IDLE_SECONDS = 1.0
_IDLE_SINCE = "idle_since"


def ask_the_idle(engine: Engine) -> None:
    """Let no connection be handed out that died while it lay in the pool."""

    def checked_out(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        since = entry.info.pop(_IDLE_SINCE, None)
        if since is None or monotonic() - since < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Error as error:
            raise InvalidatePoolError from error  # the pool connects anew

    def checked_in(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_IDLE_SINCE] = monotonic()

    event.listen(engine, "checkout", checked_out)
    event.listen(engine, "checkin", checked_in)
