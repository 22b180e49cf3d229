"""One line and one count per request: what was asked for, of whom, and how it went; ids only."""

import time

import structlog
from flask import Flask, Response, g, request, session

from coach.database.tenancy import current_organisation
from coach.observability import correlation, counters
from coach.observability.ratecap import RateCap

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_REFUSALS_LOGGED = 600  # a minute and process, of those who are nobody
# Asked for all the time, and of no interest one by one.
QUIET = frozenset({"static", "health.alive", "health.ready", "metrics.show"})


def follow(app: Flask) -> None:
    """Give each request an id, kept when it came with one, and a line in the log."""
    cap = RateCap(MOST_REFUSALS_LOGGED)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = correlation.begin(request.headers.get("X-Request-ID", ""))

    @app.after_request
    def answer(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        g.answered = response.status_code
        g.acted_for = current_organisation(), session.get("_user_id") if session else None
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "answered" in g and "began" in g:
            _account(time.perf_counter() - g.began, cap)


def _account(seconds: float, cap: RateCap) -> None:
    route = request.url_rule.rule if request.url_rule else "unmatched"
    method = request.method if request.method in METHODS else "other"
    counters.http_requests.labels(method=method, route=route, status=str(g.answered)).inc()
    counters.http_seconds.labels(route=route).observe(seconds)
    organisation, user = g.acted_for
    kept_back = cap.admit() if 400 <= g.answered < 500 and user is None else 0
    if kept_back is None:
        return
    say = log.debug if request.endpoint in QUIET and g.answered < 400 else log.info
    say(
        "request",
        method=method,
        route=route,
        status=g.answered,
        ms=round(seconds * 1000, 1),
        organisation=str(organisation) if organisation else None,
        user=user,
        **({"kept_back": kept_back} if kept_back else {}),
    )
