"""What WHOOP announces of one client, and the wait until it is followed to its end."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select

from coach.extensions import db
from coach.whoop.models import WhoopRecord
from tests import loopback
from tests.processes.clients import Linked
from tests.processes.conftest import base_url
from tests.processes.looking import seen_by
from tests.processes.stage import Stage, wait_until
from tests.processes.truth import open_work
from tests.processes.whoop_side import MEMBERS, WhoopSide
from tests.whoop.announcing import body, signed


@dataclass(frozen=True, slots=True)
class Letter:
    """One announcement; the same one has the same trace id however often it comes."""

    member: str
    what: str
    subject: str
    trace_id: str

    def bring(self, stage: Stage) -> int:
        """Post it to the web process; the status of the answer."""
        raw = body(
            user_id=MEMBERS[self.member], type=self.what, id=self.subject, trace_id=self.trace_id
        )
        headers = {"Content-Type": "application/json", **signed(raw)}
        address = f"{base_url(stage)}/webhooks/whoop"
        return loopback.post(address, content=raw, headers=headers).status_code


def letter(client: Linked, what: str, subject: str) -> Letter:
    return Letter(client.member, what, subject, str(uuid4()))


def subjects(client: Linked, kind: str) -> list[str]:
    """Name what a client has of a kind, the newest first, but for naps."""
    mine = select(WhoopRecord).where(
        WhoopRecord.client_id == client.who.client_id,
        WhoopRecord.kind == kind,
        WhoopRecord.deleted_at.is_(None),
        func.coalesce(WhoopRecord.raw["nap"].as_boolean(), False).is_(False),
    )
    rows = seen_by(client.who, mine.order_by(WhoopRecord.starts_at.desc()))
    return [row.provider_id for row in rows]


def is_gone(client: Linked, kind: str, name: str) -> bool:
    """Tell whether a record is kept and marked as deleted."""
    mine = select(WhoopRecord.deleted_at).where(
        WhoopRecord.client_id == client.who.client_id,
        WhoopRecord.kind == kind,
        WhoopRecord.provider_id == name,
    )
    (deleted_at,) = seen_by(client.who, mine)
    return deleted_at is not None


def follow(client: Linked) -> None:
    """Let the moments for which work waits be now, until none is left to do."""

    def is_done() -> bool:
        client.hurry()
        return not open_work(client)

    wait_until(is_done, what=f"what was announced of {client.member}")
    db.session.rollback()


def delete(whoop: WhoopSide, client: Linked, subject: str) -> None:
    """Delete something as the member would in WHOOP's app; WHOOP announces it."""
    door = f"{whoop.origin}/_simulator/delete/{subject}"
    loopback.post(door, params={"member": MEMBERS[client.member]}).raise_for_status()
