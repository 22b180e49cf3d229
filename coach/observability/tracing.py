"""Traces by OpenTelemetry: each log line that tells how long something took, once more as a span.

So a trace holds what the log holds and nothing else: no address, no header, no value. Its id is the
correlation id, which goes from the request through the work to each call that it causes.
"""

import importlib
from typing import Final, Protocol, cast

from structlog.typing import EventDict

from coach.runtime.errors import CannotStart

TOLD: Final = frozenset({"request", "work", "whoop_call"})


class Spans(Protocol):
    """Somewhere spans are sent to; `spans.py` has the one there is."""

    def tell(self, event: EventDict) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


_told: list[Spans] = []


def start(url: str | None) -> None:
    """Send spans to an OTLP/HTTP address from now on, or no more; raises CannotStart."""
    while _told:
        _told.pop().close()
    if url is None:
        return
    try:  # not above: it takes a third of a second, and few want it
        library = importlib.import_module("coach.observability.spans")
    except ImportError:
        missing = "TRACES_URL is set and OpenTelemetry is not installed: coach[observe]."
        raise CannotStart(missing) from None
    _told.append(cast("Spans", library.open_to(url)))


def follow(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Make a span of a line that tells a duration; the line goes on as it is."""
    if _told and event["event"] in TOLD and "correlation" in event:
        _told[0].tell(event)
    return event


def flush() -> None:
    """Send what waits to be sent; for a process that is about to end."""
    for each in _told:
        each.flush()
