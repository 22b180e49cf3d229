"""Is this call really from WHOOP, and what does it announce? The inbox of announcements.

An announcement is a hint, never data. It is stored in the transaction that makes its work, so an
answer of 2xx means that it is followed; one that comes twice is stored once.
"""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db
from coach.ids import new_id
from coach.whoop.models import EventState, WebhookEvent, WhoopLink
from coach.work import clock
from coach.work.asking import Kind, ask
from coach.work.models import Queue

EVENT = Kind("whoop_event", Queue.SYNC)
TYPES = frozenset(
    f"{what}.{how}" for what in ("sleep", "recovery", "workout") for how in ("updated", "deleted")
)
# What WHOOP announces of one member within so long costs one set of calls.
WINDOW = timedelta(seconds=20)
EARLY = timedelta(minutes=5)
# A retry may carry its first timestamp. Whatever is older is found by the next scheduled sync.
LATE = timedelta(hours=24)
KEPT, KEPT_UNMATCHED = timedelta(days=7), timedelta(days=1)

_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_WORD = re.compile(r"[!-~]{1,100}")


def is_genuine(
    body: bytes, *, signature: str, timestamp: str, secrets: Sequence[bytes], now: datetime
) -> bool:
    """Tell whether one of our secrets signed these very bytes, not too long ago."""
    if not _MILLISECONDS.fullmatch(timestamp):
        return False
    signed_at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(timestamp))
    if not now - LATE <= signed_at <= now + EARLY:
        return False
    message, given = timestamp.encode() + body, signature.encode("utf-8", "replace")
    made = [b64encode(hmac.digest(secret, message, "sha256")) for secret in secrets]
    same = [hmac.compare_digest(each, given) for each in made]  # all of them: no hint by time
    return any(same)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What WHOOP says has happened, to whom."""

    trace_id: str
    user_id: str
    type: str
    object_id: str

    @classmethod
    def parse(cls, body: bytes) -> Self | None:
        """Read a body; None when it is not what WHOOP documents."""
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict):
            return None
        words = [_word(said.get(name)) for name in ("trace_id", "user_id", "type", "id")]
        known = [word for word in words if word is not None]
        return cls(*known) if len(known) == len(words) else None


def keep(announced: Announcement, body: bytes, app_id: UUID) -> None:
    """Store an announcement and make its work, in the running transaction."""
    known = announced.type in TYPES
    followers = _followers(app_id, announced.user_id) if known else []
    state = EventState.WAITING if followers else EventState.UNMATCHED
    stored = db.session.scalar(
        insert(WebhookEvent)
        .values(
            id=new_id(),
            whoop_app_id=app_id,
            trace_id=announced.trace_id,
            external_user_id=announced.user_id,
            type=announced.type,
            object_id=announced.object_id,
            body=body,
            received_at=clock.moment(),
            state=state if known else EventState.IGNORED,
            pending=[link.integration_id for link in followers],
        )
        .on_conflict_do_nothing(index_elements=["whoop_app_id", "trace_id"])
        .returning(WebhookEvent.id)
    )
    if stored is not None:
        for link in followers:
            _ask(link.organisation_id, link.integration_id)


def adopt(link: WhoopLink) -> None:
    """Let a new link follow what was announced of its member before, when nobody could."""
    db.session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.whoop_app_id == link.whoop_app_id,
            WebhookEvent.external_user_id == link.external_user_id,
            WebhookEvent.state == EventState.UNMATCHED,
        )
        .values(state=EventState.WAITING.value, pending=[link.integration_id])
    )
    if pending(link.integration_id):
        _ask(link.organisation_id, link.integration_id)


def pending(integration_id: UUID) -> dict[UUID, Announcement]:
    """List what was announced for an integration and not followed yet."""
    found = db.session.scalars(select(WebhookEvent).where(*_pending_for(integration_id)))
    return {
        each.id: Announcement(each.trace_id, each.external_user_id, each.type, each.object_id)
        for each in found
    }


def is_heard(app_id: UUID, *, since: datetime) -> bool:
    """Tell whether WHOOP has announced anything at all to an app since then."""
    heard = select(WebhookEvent.received_at).where(WebhookEvent.whoop_app_id == app_id)
    newest = db.session.scalar(heard.order_by(WebhookEvent.received_at.desc()).limit(1))
    return newest is not None and newest > since


def settle(integration_id: UUID, events: Sequence[UUID]) -> None:
    """Write down that an integration has followed some announcements."""
    mine = (*_pending_for(integration_id), WebhookEvent.id.in_(events))
    # In the same order everywhere: another organisation may follow the same announcements.
    locked = select(WebhookEvent.id).where(*mine).order_by(WebhookEvent.id).with_for_update()
    left = func.array_remove(WebhookEvent.pending, integration_id)
    db.session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.id.in_(list(db.session.scalars(locked))))
        .values(
            pending=left,
            state=case((func.cardinality(left) == 0, EventState.DONE.value), else_="waiting"),
        )
        .execution_options(synchronize_session=False)
    )


def forget_old(*, now: datetime) -> None:
    """Delete announcements that can neither come again nor find their member any more."""
    unmatched = WebhookEvent.state == EventState.UNMATCHED
    old = or_(
        WebhookEvent.received_at < now - KEPT,
        and_(unmatched, WebhookEvent.received_at < now - KEPT_UNMATCHED),
    )
    db.session.execute(delete(WebhookEvent).where(old))
    db.session.commit()


def _word(value: object) -> str | None:
    """Take short visible ASCII and whole numbers only: nothing else is an id or a type."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _WORD.fullmatch(text) else None


def _followers(app_id: UUID, user_id: str) -> list[WhoopLink]:
    """Find every link of a member, in the same order for everybody who locks their work."""
    links = select(WhoopLink).where(
        WhoopLink.whoop_app_id == app_id, WhoopLink.external_user_id == user_id
    )
    return list(db.session.scalars(links.order_by(WhoopLink.integration_id)))


def _ask(organisation_id: UUID, integration_id: UUID) -> None:
    ask(
        EVENT,
        organisation_id=organisation_id,
        subject_id=integration_id,
        pause=WINDOW,
    )


def _pending_for(integration_id: UUID) -> tuple[ColumnElement[bool], ...]:
    waiting = WebhookEvent.state == EventState.WAITING.value
    return waiting, WebhookEvent.pending.contains([integration_id])
