"""Durable intake of WHOOP's announcements beside an empty endpoint, in the same run."""

import hmac
import json
import sys
import time
from base64 import b64encode
from collections import Counter
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from benchmarks.installation import SECRET, application, installation, link_members
from benchmarks.open_loop import Answered, Request, percentile, run
from coach.extensions import db
from coach.whoop.models import WebhookEvent
from coach.work.models import Work
from tests.processes.stage import wait_until

PER_SECOND = 100
SECONDS = 60
CONTROL_SECONDS = 30
MEMBERS = 500
TYPES = ("sleep.updated", "recovery.updated", "workout.updated")


def main() -> None:
    """Control, intake, control again: 100 a second on a fixed plan; then count what is stored."""
    with installation() as stage:
        app = application(stage)
        with app.app_context():
            link_members([str(10_000 + number) for number in range(MEMBERS)])
        stage.start("web")
        port = int(stage.environment["PORT"])
        wait_until(lambda: _ready(port), what="an answer of the web process")
        run(port, per_second=PER_SECOND, seconds=5, make=announcement)  # connections and caches
        control = run(port, per_second=PER_SECOND, seconds=CONTROL_SECONDS, make=empty)
        sent = run(port, per_second=PER_SECOND, seconds=SECONDS, make=announcement)
        control += run(port, per_second=PER_SECOND, seconds=CONTROL_SECONDS, make=empty)
        with app.app_context():
            figures = _figures(sent, control)
    print(json.dumps(figures))


def empty(_number: int) -> Request:
    """Give a request to the page that does nothing."""
    return Request("GET", "/healthz")


def announcement(number: int) -> Request:
    """Give a signed announcement of one of the members."""
    said = {
        "user_id": 10_000 + number % MEMBERS,
        "id": str(uuid4()),
        "type": TYPES[number % len(TYPES)],
        "trace_id": str(uuid4()),
    }
    body, stamp = json.dumps(said).encode(), str(int(time.time() * 1000))
    made = hmac.digest(SECRET.encode(), stamp.encode() + body, "sha256")
    headers = {
        "Content-Type": "application/json",
        "X-WHOOP-Signature": b64encode(made).decode(),
        "X-WHOOP-Signature-Timestamp": stamp,
    }
    return Request("POST", "/webhooks/whoop", body, headers)


def _figures(sent: list[Answered], control: list[Answered]) -> dict[str, object]:
    warm = PER_SECOND * 5
    stored = db.session.scalar(select(func.count()).select_from(WebhookEvent)) or 0
    works = db.session.scalar(select(func.count()).select_from(Work)) or 0
    print(f"answers: {dict(Counter(each.status for each in sent))}", file=sys.stderr)
    return {
        "sent": len(sent),
        "stored": stored - warm,
        "answered_2xx": sum(each.status == 204 for each in sent),
        "work": works,
        "p50_ms": percentile(sent, 50),
        "p99_ms": percentile(sent, 99),
        "control_p50_ms": percentile(control, 50),
        "control_p99_ms": percentile(control, 99),
        "p99_ratio": round(percentile(sent, 99) / percentile(control, 99), 2),
    }


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
