"""How far behind WHOOP we are, and what is left of its limits; over all organisations.

An app of an organisation's own is not named: of all such apps the one that has least left counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import ColumnElement, Executable, Extract, Select, extract, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from coach.extensions import db, settings
from coach.whoop.models import EventState, QuotaLedger, WebhookEvent, WhoopApp
from coach.whoop.quota.windows import DAY, MINUTE
from coach.whoop.sync.jobs import SYNC
from coach.whoop.webhook import EVENT
from coach.work.models import OPEN_STATES, DueSlot, Work


def behind() -> Iterator[Metric]:
    """Read what was announced and not followed yet, and the schedule."""
    yield from _announced()
    unmatched = select(func.count()).where(WebhookEvent.state == EventState.UNMATCHED)
    yield _gauge(
        "coach_webhooks_unmatched",
        "Announcements of members that nobody here is linked to.",
        db.session.scalar(unmatched),
    )
    yield _gauge(
        "coach_sync_oldest_due_seconds",
        "How late the oldest scheduled sync is that nobody has taken up.",
        db.session.scalar(_latest_slot()),
    )


def _announced() -> Iterator[Metric]:
    """Read what waits for its work, and what for its client."""
    followed = (
        select(Work.id)
        .where(
            Work.kind == EVENT.name,
            Work.subject_id == func.any(WebhookEvent.pending),
            text(OPEN_STATES),
        )
        .exists()
    )
    inbox = select(_age(WebhookEvent.received_at, followed), func.count().filter(~followed)).where(
        text("webhook_events.state = 'waiting'")
    )
    age, parked = db.session.execute(inbox).one()
    yield _gauge(
        "coach_webhooks_oldest_unprocessed_seconds",
        "Age of the oldest announcement whose work is not done.",
        age,
    )
    yield _gauge(
        "coach_webhooks_parked", "Announcements that wait for their client to link again.", parked
    )


@dataclass(frozen=True, slots=True)
class Left:
    """What one window of an app's limits still holds; `app` does not name an own one."""

    app: str
    window: str
    calls: int
    limit: int


def left() -> Iterator[Left]:
    """Read how many calls each window of each app that has called has left."""
    for row in db.session.execute(_ledgers()):
        app, moment = "installation" if row.ours else "own", row.now.timestamp()
        minute = sum(MINUTE.sliding(row.seconds, moment).values())
        day = sum(DAY.sliding(row.minutes, moment).values())
        yield Left(app, "minute", row.per_minute - minute, row.per_minute)
        yield Left(app, "day", row.per_day - day, row.per_day)


def quota() -> Iterator[Metric]:
    """Read how many calls each window has left, by the app that has least."""
    gauge = GaugeMetricFamily(
        "coach_whoop_quota_left", "Calls left in WHOOP's limits.", labels=["app", "window"]
    )
    least: dict[tuple[str, str], int] = {}
    for each in left():
        key = (each.app, each.window)
        least[key] = min(each.calls, least.get(key, each.calls))
    for key, calls in least.items():
        gauge.add_metric(key, calls)
    yield gauge


def spent_of_day() -> float:
    """Say what part of its day the app has used that has used most of it; 1 is all."""
    return max(
        (
            sum(DAY.sliding(row.minutes, row.now.timestamp()).values()) / row.per_day
            for row in db.session.execute(_ledgers())
        ),
        default=0.0,
    )


def _ledgers() -> Executable:
    known = settings()
    return select(
        func.clock_timestamp().label("now"),
        WhoopApp.organisation_id.is_(None).label("ours"),
        func.coalesce(WhoopApp.per_minute, known.whoop_rate_limit_per_minute).label("per_minute"),
        func.coalesce(WhoopApp.per_day, known.whoop_rate_limit_per_day).label("per_day"),
        QuotaLedger.seconds,
        QuotaLedger.minutes,
    ).join(WhoopApp, WhoopApp.id == QuotaLedger.whoop_app_id)


def _latest_slot() -> Select[int]:
    return select(_age(DueSlot.due_at, DueSlot.due_at <= func.now())).where(
        DueSlot.name == SYNC.name, DueSlot.taken_at.is_(None)
    )


def _age(since: InstrumentedAttribute[datetime], which: ColumnElement[bool]) -> Extract:
    return extract("epoch", func.now() - func.min(since).filter(which))


def _gauge(name: str, says: str, value: int | None) -> Metric:
    return GaugeMetricFamily(name, says, float(value or 0))
