"""What SQLAlchemy raises when the database is away, restarts, or has no connection left for us."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

AWAY = (OperationalError, InterfaceError, NoConnectionLeft)


def reason(error: BaseException) -> str:
    """Name what happened, for a log; never its message."""
    return type(getattr(error, "orig", None) or error).__name__
