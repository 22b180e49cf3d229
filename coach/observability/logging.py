"""One line per event, JSON in production, with the ids of request and work bound to it.

Our own events hold ids, counts and names of kinds only. What libraries say is cut down to that:
their warnings keep words and numbers and lose every other value.
"""

import logging
import sys
from datetime import UTC, datetime

import structlog
from gunicorn.glogging import Logger
from structlog.typing import EventDict, ExcInfo, Processor

from coach.observability import counters, failures, reporting, tracing
from coach.observability.ratecap import RateCap

# These log what must never be logged: PKCE verifiers, tokens in headers, parameters of statements.
TOO_TALKATIVE = ("authlib", "httpx", "httpcore", "urllib3", "sqlalchemy.engine")
SEAL_BROKEN = "sealed_value_does_not_open"
MOST_FOREIGN_LINES = 600  # a minute and process


class Discreet(logging.Formatter):
    """Writes what a library says as an event like ours, without the values it quotes."""

    def __init__(self, renderer: Processor | None = None) -> None:
        super().__init__()
        self._renderer = renderer or _renderer(as_json=True)

    def format(self, record: logging.LogRecord) -> str:
        event: EventDict = {
            **structlog.contextvars.get_contextvars(),
            "event": _words(record),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1]:
            event["exception"] = failures.story(record.exc_info[1])
        return str(self._renderer(None, "", event))


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Lets gunicorn speak through our handler; it has no access log, requests log themselves."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def warning(self, msg: str, *args: object, **kwargs: object) -> None:
        """Cut off what gunicorn has put into the words already: the request line it refuses."""
        super().warning(msg if args else msg.partition(":")[0], *args, **kwargs)


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send structlog and the standard library's loggers to standard output, one line each.

    `level` is for our own events; libraries are heard from WARNING on, whatever it is.
    """
    renderer = _renderer(as_json=as_json)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tracing.follow,
            reporting.follow,
            _count,
            structlog.processors.ExceptionRenderer(_story),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Discreet(renderer))
    cap = RateCap(MOST_FOREIGN_LINES)
    handler.addFilter(lambda _record: cap.admit() is not None)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _count(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Count what is told by who knows nothing of counters."""
    if event["event"] == SEAL_BROKEN:
        counters.security_events.labels(event=SEAL_BROKEN).inc()
    return event


def _renderer(*, as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer()
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)


def _story(exc_info: ExcInfo) -> str:
    return failures.story(exc_info[1])


def _words(record: logging.LogRecord) -> str:
    """Fill the words of a library with numbers only."""
    given = record.args
    if isinstance(given, dict):
        return str(record.msg) % {name: _number(value) for name, value in given.items()}
    return str(record.msg) % tuple(map(_number, given)) if given else str(record.msg)


def _number(value: object) -> object:
    return value if isinstance(value, int | float) else "…"
