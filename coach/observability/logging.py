"""One line per event, JSON in production, with the ids of request and work bound to it."""

import logging
import sys
from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, g, request
from structlog.typing import Processor

# These log what must never be logged: PKCE verifiers, tokens in headers, parameters of statements.
TOO_TALKATIVE = ("authlib", "httpx", "httpcore", "urllib3", "sqlalchemy.engine")


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send structlog and the standard library's loggers to standard output, one line each."""
    renderer: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=level, stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


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
