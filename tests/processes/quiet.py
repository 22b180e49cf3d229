"""Quiet before a test: nobody is linked any more, nothing is to be done, and WHOOP's clock stands."""

from datetime import UTC, datetime

from sqlalchemy import create_engine, text

from tests import loopback
from tests.processes.whoop_side import WhoopSide

STATEMENTS = (
    "UPDATE work SET state = 'done', finished_at = now() WHERE state NOT IN ('done', 'failed')",
    "DELETE FROM whoop_links",
    "DELETE FROM quota_ledger",
    "DELETE FROM due_slots",
    "UPDATE integrations SET sync_enabled = false, next_sync = NULL",
)


def leave_alone(url: str) -> None:
    """Cut all links there are, as somebody whom the walls between organisations do not hold."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement))
    engine.dispose()


def set_clock(whoop: WhoopSide, *, ticking: bool) -> None:
    """Let WHOOP's clock go on from the true time, or stand there."""
    said = {"ticking": ticking, "now": datetime.now(UTC).isoformat()}
    loopback.post(f"{whoop.origin}/_simulator/clock", json=said).raise_for_status()


def allow(whoop: WhoopSide, base_url: str, *, per_minute: int, per_day: int) -> None:
    """Let WHOOP's limits be these; what it tells of them is believed if it is less than ours."""
    app = {
        "client_id": "test-client",
        "client_secret": "test-client-secret",
        "redirect_uris": [f"{base_url}/cabinet/whoop-callback"],
        "webhook_url": f"{base_url}/webhooks/whoop",
        "per_minute": per_minute,
        "per_day": per_day,
    }
    loopback.post(f"{whoop.origin}/_simulator/apps", json=app).raise_for_status()
