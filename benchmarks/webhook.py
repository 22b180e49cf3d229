"""Durable intake of WHOOP's announcements beside an empty endpoint, in the same run."""

import json
import sys
from collections import Counter

from sqlalchemy import func, select

from benchmarks.installation import application, installation, link_members, wait_for
from benchmarks.open_loop import Answered, Request, percentile, run
from benchmarks.sending import announcement
from coach.extensions import db
from coach.whoop.models import WebhookEvent
from coach.work.models import Work

PER_SECOND = 100
SECONDS = 60
CONTROL_SECONDS = 30
MEMBERS = 500
FIRST = 10_000  # WHOOP's id of the first member


def main() -> None:
    """Control, intake, control again: 100 a second on a fixed plan; then count what is stored."""
    with installation() as stage:
        app = application(stage)
        with app.app_context():
            link_members([str(FIRST + number) for number in range(MEMBERS)])
        stage.start("web")
        port = int(stage.environment["PORT"])
        wait_for(f"http://127.0.0.1:{port}/readyz")
        run(port, per_second=PER_SECOND, seconds=5, make=told)  # connections and caches
        control = run(port, per_second=PER_SECOND, seconds=CONTROL_SECONDS, make=empty)
        sent = run(port, per_second=PER_SECOND, seconds=SECONDS, make=told)
        control += run(port, per_second=PER_SECOND, seconds=CONTROL_SECONDS, make=empty)
        with app.app_context():
            figures = _figures(sent, control)
    print(json.dumps(figures))


def told(number: int) -> Request:
    """Give an announcement of one of the members."""
    return announcement(number, first=FIRST, members=MEMBERS)


def empty(_number: int) -> Request:
    """Give a request to the page that does nothing."""
    return Request("GET", "/healthz")


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


if __name__ == "__main__":
    main()
