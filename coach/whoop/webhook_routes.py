"""Where WHOOP announces that something has changed. No session, no cookie, no detail in answers."""

import re
from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, abort, g, request

from coach.extensions import csrf, settings
from coach.observability import counters
from coach.observability.ratecap import RateCap
from coach.whoop import webhook
from coach.whoop.apps import INSTALLATION, app_id_of, signing_secrets

log = structlog.get_logger()

MOST_BYTES = 64 * 1024
MOST_REFUSALS_LOGGED = 60  # a minute and process
bp = Blueprint("whoop_webhooks", __name__)
csrf.exempt(bp)  # WHOOP signs instead
_refusals = RateCap(MOST_REFUSALS_LOGGED)
_SLUG = re.compile(r"[a-z0-9-]{1,63}")


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.teardown_request
def count(_error: BaseException | None) -> None:
    """Count what was answered in the end: the commit comes after our own answer."""
    counters.webhooks.labels(answer=str(g.get("answered", 500))).inc()


@bp.post("/webhooks/whoop")
@bp.post("/webhooks/whoop/<slug>")
def receive(slug: str = INSTALLATION) -> Response:
    """Answer 204 once the announcement is stored with its work; the commit comes before it."""
    if request.mimetype != "application/json" or request.content_encoding:
        return Response(status=415)
    body = _read()
    if body is None:
        return Response(status=413)
    if not _is_genuine(body, slug):
        return _refuse("signature" if "X-WHOOP-Signature" in request.headers else "unsigned", slug)
    announced = webhook.Announcement.parse(body)
    if announced is None:
        return _refuse("unreadable", slug)
    webhook.keep(announced, body, app_id_of(slug))
    return Response(status=204)


def _refuse(reason: str, slug: str) -> Response:
    """Count and log a refusal, so many a minute; nothing of what was sent but the address."""
    counters.webhook_refusals.labels(reason=reason).inc()
    kept_back = _refusals.admit()
    if kept_back is not None:
        known = slug if _SLUG.fullmatch(slug) else "not a slug"
        log.warning("webhook_refused", reason=reason, slug=known, kept_back=kept_back)
    return Response(status=401)


def _read() -> bytes | None:
    """Read the body; None, and not a byte more than needed to know it, when it is too large."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    request.max_content_length = MOST_BYTES + 1  # of a body that does not tell its length
    body = request.get_data(cache=False)
    return body if len(body) <= MOST_BYTES else None


def _is_genuine(body: bytes, slug: str) -> bool:
    return webhook.is_genuine(
        body,
        signature=request.headers.get("X-WHOOP-Signature", ""),
        timestamp=request.headers.get("X-WHOOP-Signature-Timestamp", ""),
        secrets=signing_secrets(slug),
        now=datetime.now(UTC),  # the database is not asked before we know who calls
    )
