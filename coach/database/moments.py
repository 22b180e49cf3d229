"""When a request began, by the database's clock: read together with its session, once."""

from datetime import datetime

from flask import has_request_context, request

_KEY = "coach.began"


def keep(moment: datetime) -> None:
    """Keep the moment at which this request began."""
    request.environ[_KEY] = moment


def began() -> datetime | None:
    """Give the moment at which this request began; None outside one, and for a visitor."""
    return request.environ.get(_KEY) if has_request_context() else None
