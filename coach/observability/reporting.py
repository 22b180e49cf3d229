"""Error reports to Sentry, or to what speaks its language: kind, place and ids of a failure."""

import importlib
import sys
from typing import Protocol, cast

from pydantic import SecretStr
from structlog.typing import EventDict

from coach.observability.ratecap import RateCap
from coach.runtime.errors import CannotStart

MOST_REPORTS = 30  # a minute and process: an outage is one story, told often enough


class Reports(Protocol):
    """Somewhere failures are reported to; `sentry.py` has the one there is."""

    def tell(self, error: BaseException, line: EventDict) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


_told: list[Reports] = []
_cap = RateCap(MOST_REPORTS)


def start(dsn: SecretStr | None, *, environment: str) -> None:
    """Report failures from now on, or no more; raises CannotStart."""
    while _told:
        _told.pop().close()
    if dsn is None:
        return
    try:  # not above: few want it, and it is large
        library = importlib.import_module("coach.observability.sentry")
    except ImportError:
        missing = "SENTRY_DSN is set and sentry-sdk is not installed: coach[observe]."
        raise CannotStart(missing) from None
    _told.append(cast("Reports", library.open_to(dsn.get_secret_value(), environment)))


def follow(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Report the failure that a line tells of; the line goes on as it is."""
    error = _error(event.get("exc_info"))
    if _told and error is not None and _cap.admit() is not None:
        _told[0].tell(error, event)
    return event


def flush() -> None:
    """Send what waits to be sent; for a process that is about to end."""
    for each in _told:
        each.flush()


def _error(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None
