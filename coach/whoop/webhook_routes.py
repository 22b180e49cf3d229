"""Where WHOOP announces that something has changed. No session, no cookie, no detail in answers."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request

from coach.extensions import csrf, settings
from coach.whoop import webhook
from coach.whoop.apps import INSTALLATION, installation_app, signing_secrets

MOST_BYTES = 64 * 1024
bp = Blueprint("whoop_webhooks", __name__)
csrf.exempt(bp)  # WHOOP signs instead


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.post("/webhooks/whoop")
@bp.post("/webhooks/whoop/<slug>")
def receive(slug: str = INSTALLATION) -> Response:
    """Answer 204 once the announcement is stored with its work; the commit comes before it."""
    if request.mimetype != "application/json" or request.content_encoding:
        return Response(status=415)
    body = _read()
    if body is None:
        return Response(status=413)
    announced = webhook.Announcement.parse(body) if _is_genuine(body, slug) else None
    if announced is None:
        return Response(status=401)
    webhook.keep(announced, body, installation_app())
    return Response(status=204)


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
