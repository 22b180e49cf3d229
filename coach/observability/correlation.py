"""One id from the browser or the announcement through the work it causes to each call we make."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import structlog

_KEY = "correlation"


def begin(given: str = "") -> str:
    """Forget whose log lines we wrote, and take the id that came along, or make one; as hex."""
    structlog.contextvars.clear_contextvars()
    correlation = (_parsed(given) or uuid4()).hex
    structlog.contextvars.bind_contextvars(**{_KEY: correlation})
    return correlation


def current() -> UUID | None:
    """Give the id under which we log; None outside requests and work."""
    return _parsed(str(structlog.contextvars.get_contextvars().get(_KEY, "")))


@contextmanager
def caused_by(correlation: UUID | None, **more: object) -> Iterator[None]:
    """Log under the id of a cause, or a new one, and with whatever more is given."""
    bound = {_KEY: (correlation or uuid4()).hex, **more}
    with structlog.contextvars.bound_contextvars(**bound):
        yield


def _parsed(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
