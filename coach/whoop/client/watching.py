"""One line and one count of each call to WHOOP: by endpoint, never by whose data or token it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from coach.observability import counters

log = structlog.get_logger()

NO_ANSWER = "none"
# Whatever else stands in a path is an id, and may be anybody's words.
_WORDS = frozenset(
    {"v1", "v2", "user", "profile", "basic", "measurement", "body", "access"}
    | {"cycle", "recovery", "sleep", "activity", "workout", "oauth", "oauth2", "token"}
)


@dataclass(slots=True)
class Call:
    """A call under way; whoever makes it writes down the status of its answer."""

    endpoint: str
    status: str = NO_ANSWER


@contextmanager
def watched(path: str) -> Iterator[Call]:
    """Watch a call to a path of WHOOP, however it ends."""
    call, began = Call(pattern(path)), time.perf_counter()
    try:
        yield call
    finally:
        seconds = time.perf_counter() - began
        counters.whoop_calls.labels(endpoint=call.endpoint, status=call.status).inc()
        counters.whoop_seconds.labels(endpoint=call.endpoint).observe(seconds)
        if call.status == "429":
            counters.whoop_refusals.labels(endpoint=call.endpoint).inc()
        log.info(
            "whoop_call", endpoint=call.endpoint, status=call.status, ms=round(seconds * 1000, 1)
        )


def pattern(path: str) -> str:
    """Give a path with every id in it replaced; nothing of a query."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if not part or part in _WORDS else "{id}" for part in parts)
