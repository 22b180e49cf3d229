"""A sign of life to somebody outside, who raises the alarm when it stays away."""

import structlog

from coach.extensions import settings
from coach.outbound import Outbound, OutboundError

log = structlog.get_logger()

DEADLINE_SECONDS = 10.0


def send() -> None:
    """Ask for HEARTBEAT_URL, if there is one; a sign that does not arrive is only logged."""
    url = settings().heartbeat_url
    if url is None:
        return
    address = url.get_secret_value()
    try:
        answer = Outbound([address]).request("GET", address, deadline_seconds=DEADLINE_SECONDS)
    except OutboundError as error:
        log.warning("heartbeat_unsent", reason=type(error).__name__)
        return
    if answer.status >= 400:
        log.warning("heartbeat_refused", status=answer.status)
