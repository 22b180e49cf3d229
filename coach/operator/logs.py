"""What failed, what WHOOP announced, which syncs ran: the newest first, without whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from coach.extensions import db
from coach.whoop.models import SyncRun, WebhookEvent, WhoopApp
from coach.work.models import OPEN_STATES, Work

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """One announcement, and how many links have yet to follow it."""

    id: UUID
    app: str
    type: str
    received_at: datetime
    state: str
    open_for: int


def failed() -> Sequence[Work]:
    """List work that was set aside after its last try."""
    aside = select(Work).where(text("state = 'failed'"))
    return db.session.scalars(aside.order_by(Work.finished_at.desc()).limit(SHOWN)).all()


def deliveries() -> Sequence[Delivery]:
    """List what WHOOP announced last; ids sort by the moment they were made."""
    found = db.session.execute(
        select(
            WebhookEvent.id,
            WhoopApp.slug,
            WebhookEvent.type,
            WebhookEvent.received_at,
            WebhookEvent.state,
            func.cardinality(WebhookEvent.pending),
        )
        .join(WhoopApp, WhoopApp.id == WebhookEvent.whoop_app_id)
        .order_by(WebhookEvent.id.desc())
        .limit(SHOWN)
    )
    return [Delivery(*row) for row in found]


def syncs() -> Sequence[Work]:
    """List the newest work of the sync queue, open or over."""
    newest = select(Work).where(Work.queue == "sync").order_by(Work.id.desc()).limit(SHOWN)
    return db.session.scalars(newest).all()


def open_syncs() -> int:
    """Count the work of the sync queue that is not over."""
    counted = select(func.count()).where(Work.queue == "sync", text(OPEN_STATES))
    return db.session.scalar(counted) or 0


def runs() -> Sequence[SyncRun]:
    """List the newest attempts of the organisation we act for."""
    newest = select(SyncRun).order_by(SyncRun.started_at.desc()).limit(SHOWN)
    return db.session.scalars(newest).all()
