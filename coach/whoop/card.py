"""Everything the WHOOP card shows: one state in words, what is under way, what comes next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.extensions import db
from coach.whoop import jobs
from coach.whoop.linking import integration_of
from coach.whoop.models import Integration, Status, SyncRun
from coach.whoop.storing import READ
from coach.whoop.sync import COLLECTIONS
from coach.work.asking import open_work
from coach.work.models import Work, WorkState


class CardState(StrEnum):
    """What a client sees of their link."""

    NOT_LINKED = "not_linked"
    SYNCING = "syncing"
    WAITING = "waiting"
    LINKED = "linked"
    RECONNECT = "reconnect"
    ERROR = "error"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Card:
    """The WHOOP link of one client, ready to be shown."""

    state: CardState
    steps_done: int = 0
    steps: int = len(COLLECTIONS) + 1
    records: int = 0
    last_sync: datetime | None = None
    next_sync: datetime | None = None
    data_through: datetime | None = None
    waits_until: datetime | None = None


def card(client: Client, *, by: Viewer) -> Card:
    """Gather the card of a client."""
    integration = integration_of(client.id, by=by)
    if integration is None:
        return Card(CardState.NOT_LINKED)
    work = open_work(jobs.SYNC, integration.id)
    run = _latest_run(integration) if work else None
    return Card(
        state=_state(integration, work),
        steps_done=sum(integration.cursors.get(kind.value) == READ for kind in COLLECTIONS),
        records=sum(int(str(count)) for count in run.counts.values()) if run else 0,
        last_sync=integration.last_sync,
        next_sync=integration.next_sync,
        data_through=integration.data_through,
        waits_until=work.due_at if work else None,
    )


def _state(integration: Integration, work: Work | None) -> CardState:
    if integration.status == Status.DISCONNECTED:
        return CardState.DISCONNECTED
    if integration.status == Status.RECONNECT_NEEDED:
        return CardState.RECONNECT
    if work is None:
        return CardState.ERROR if integration.status == Status.ERROR else CardState.LINKED
    put_off = work.state == WorkState.WAITING and work.error is not None
    return CardState.WAITING if put_off else CardState.SYNCING


def _latest_run(integration: Integration) -> SyncRun | None:
    return db.session.scalar(
        select(SyncRun)
        .where(
            SyncRun.organisation_id == integration.organisation_id,
            SyncRun.integration_id == integration.id,
        )
        .order_by(SyncRun.started_at.desc())
        .limit(1)
    )
