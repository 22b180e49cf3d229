"""What every answer carries: what is left of the minute, how long it took, who may read it."""

import time

from flask import Response, g, request

from coach.accounts import denials
from coach.api import auth
from coach.api.operations import bp
from coach.api.pacing import Bearer
from coach.extensions import csrf, settings

EXPOSED = (
    "ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset,"
    " Retry-After, Server-Timing, WWW-Authenticate, X-Request-ID"
)
ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-ID"
METHODS = "GET, POST, PUT, PATCH, DELETE"
A_DAY_SECONDS = 86_400

csrf.exempt(bp)  # no cookie says who calls, so no page can make a browser call for somebody


@bp.after_request
def tell(response: Response) -> Response:
    """Say what is left to this token, and how long the answer took."""
    found: Bearer | None = g.get("bearer")
    if found is not None:
        response.headers["RateLimit-Limit"] = str(settings().api_rate_limit_per_minute)
        response.headers["RateLimit-Remaining"] = str(found.left)
        response.headers["RateLimit-Reset"] = str(found.resets_in(g.asked_at))
    response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - g.began) * 1000:.1f}"
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.update(("Authorization", "Accept-Language"))
    return response


@bp.after_request
def note_what_was_not_theirs(response: Response) -> Response:
    """Write down that a token asked for somebody or something that is not there for it."""
    if response.status_code == 404 and "caller" in g:
        denials.note(auth.caller())
    return response


@bp.after_request
def let_pages_read(response: Response) -> Response:
    """Let pages of the origins in the settings read the answers; never with credentials."""
    origin = request.headers.get("Origin", "")
    response.vary.add("Origin")
    if origin not in allowed_origins():
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = ALLOWED
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Max-Age"] = str(A_DAY_SECONDS)
    return response


def allowed_origins() -> frozenset[str]:
    """List the origins whose pages may call."""
    said = settings().cors_origins.replace(",", " ").split()
    return frozenset(origin.rstrip("/") for origin in said)
