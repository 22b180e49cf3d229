"""Whether this installation can answer, for programs that watch it: the one call without a token."""

from flask.typing import ResponseReturnValue

from coach.api.operations import bp
from coach.observability import health

ADDRESS, NAME = "/api/v1/health", "check_health"


@bp.get("/health")
def check_health() -> ResponseReturnValue:
    """Say whether database and queue answer: 200, or 503 with the part that does not."""
    return health.ready()
