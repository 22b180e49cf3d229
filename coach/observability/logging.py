"""One line per event, JSON in production, with the ids of request and work bound to it."""

import logging
import re
import sys
from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, Processor

# These log what must never be logged: PKCE verifiers, tokens in headers, parameters of statements.
TOO_TALKATIVE = ("authlib", "httpx", "httpcore", "urllib3", "sqlalchemy.engine")


# PostgreSQL quotes the row or the key it refuses, with everything a person typed.
_QUOTED = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)


class Discreet(logging.Formatter):
    """Writes failures without the values they quote."""

    def format(self, record: logging.LogRecord) -> str:
        return without_values(super().format(record))


def without_values(text: str) -> str:
    """Leave out of a failure's text what PostgreSQL quotes of a row."""
    return _QUOTED.sub(r"\1: left out", text)


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send structlog and the standard library's loggers to standard output, one line each."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _discreetly,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _discreetly(_logger: object, _name: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = without_values(str(event["exception"]))
    return event


def name_requests(app: Flask) -> None:
    """Give each request an id, kept when it came with one, and sent back with the answer."""

    @app.before_request
    def name_it() -> None:
        g.request_id = _incoming_id() or uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def send_it_back(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response


def _incoming_id() -> str | None:
    try:
        return UUID(request.headers.get("X-Request-ID", "")).hex
    except ValueError:
        return None
