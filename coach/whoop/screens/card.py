"""Everything the WHOOP card shows: how the link stands, what is under way, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.extensions import db
from coach.whoop.apps import AppLimits
from coach.whoop.errors import SlowDown
from coach.whoop.grant import app_health
from coach.whoop.linking.links import integration_of
from coach.whoop.models import Integration, Outcome, SyncRun, WhoopApp
from coach.whoop.payloads import RecordKind
from coach.whoop.screens.standing import (
    Limits,
    Progress,
    Standing,
    Underway,
    histories_under_way,
    progress,
    quiet_days,
    standing,
    underway,
)
from coach.whoop.sync import gaps, history
from coach.whoop.sync.cursors import LISTS, READ

SCOPES = {
    RecordKind.CYCLE: "read:cycles",
    RecordKind.SLEEP: "read:sleep",
    RecordKind.RECOVERY: "read:recovery",
    RecordKind.WORKOUT: "read:workout",
    RecordKind.BODY_MEASUREMENT: "read:body_measurement",
}


class Cause(StrEnum):
    """Why nothing new arrives, and so who can do something about it."""

    APP_REFUSED = "app_refused"  # whoever runs this: WHOOP takes not its client id and secret
    GRANT_ENDED = "grant_ended"  # the client, by linking again
    SYNC_FAILED = "sync_failed"  # whoever runs this: WHOOP answers what we do not understand
    LIMIT_REACHED = "limit_reached"  # nobody: it goes on by itself, as when WHOOP is not reached
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Collection:
    """What the last sync read of one kind; `read` is None where it did not come that far."""

    kind: RecordKind
    granted: bool
    read: int | None
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """The WHOOP link of one client, ready to be shown."""

    state: Standing
    cause: Cause | None = None
    steps_done: int = 0
    steps: int = len(LISTS) + 1
    records: int = 0
    last_sync: datetime | None = None
    next_sync: datetime | None = None
    data_through: datetime | None = None
    waits_until: datetime | None = None
    quiet_days: int = 0
    collections: Sequence[Collection] = ()
    history: Progress | None = None
    history_moves: bool = False
    history_waits_until: datetime | None = None

    @property
    def app_refused(self) -> bool:
        """Tell whether WHOOP refuses our app, which no client can mend."""
        return self.cause is Cause.APP_REFUSED

    @property
    def linked(self) -> bool:
        return self.state not in {
            Standing.NOT_LINKED,
            Standing.DISCONNECTED,
            Standing.RECONNECT,
        }

    @property
    def moves(self) -> bool:
        """Tell whether it will look different soon without anybody's doing."""
        busy = self.state in {Standing.SYNCING, Standing.WAITING}
        return self.linked and (busy or self.history_moves)


def card(client: Client, *, by: Viewer) -> Card:
    """Gather the card of a client."""
    integration = integration_of(client.id, by=by)
    if integration is None:
        return Card(Standing.NOT_LINKED)
    work = underway([integration.id])[integration.id]
    run = _latest_run(integration)
    state = standing(integration, work, newest=gaps.newest(client.id))
    return Card(
        state=state,
        cause=_cause(state, integration, work),
        steps_done=sum(integration.cursors.get(kind.value) == READ for kind in LISTS),
        records=_records_so_far(run),
        last_sync=integration.last_sync,
        next_sync=integration.next_sync,
        data_through=integration.data_through,
        waits_until=work.sync.due_at if work.sync else None,
        quiet_days=quiet_days(integration),
        collections=_collections(integration, run),
        history=_progress(integration, work),
        history_moves=work.history is not None,
        history_waits_until=work.history.due_at if work.history and work.history_waits else None,
    )


def _cause(state: Standing, integration: Integration, work: Underway) -> Cause | None:
    if state is Standing.RECONNECT:
        return Cause.GRANT_ENDED
    if state not in {Standing.WAITING, Standing.ERROR}:
        return None
    app_id = integration.whoop_app_id
    if app_id is not None and app_health.trouble_of(app_id).refused_since:
        return Cause.APP_REFUSED
    if state is Standing.ERROR:
        return Cause.SYNC_FAILED
    limited = work.sync is not None and work.sync.error == SlowDown.__name__
    return Cause.LIMIT_REACHED if limited else Cause.NOT_REACHED


def _progress(integration: Integration, work: Underway) -> Progress | None:
    known = history.parse(integration.history)
    if known is None or known.begun <= known.limit:
        return None
    if work.history is None or integration.whoop_app_id is None:
        return progress(known)
    app = db.session.get_one(WhoopApp, integration.whoop_app_id)
    allowed = AppLimits.of(app.per_minute, app.per_day, app.member_cap)
    limits = Limits(allowed.per_minute, allowed.per_day, histories_under_way())
    return progress(known, limits)


def _collections(integration: Integration, run: SyncRun | None) -> list[Collection]:
    """Tell what the last sync that ended brought of each kind."""
    if run is None or run.outcome is None:
        return []
    whole = run.outcome in {Outcome.COMPLETE, Outcome.PARTIAL}
    return [
        Collection(
            kind=kind,
            granted=scope in integration.scopes,
            read=_count(run, kind, "stored") if whole or kind in run.counts else None,
            changed=_count(run, kind, "changed"),
        )
        for kind, scope in SCOPES.items()
    ]


def _records_so_far(run: SyncRun | None) -> int:
    """Count what the sync under way has brought; one that only waits has brought nothing yet."""
    if run is None or run.outcome is not None:
        return 0
    return sum(_count(run, kind, "stored") for kind in RecordKind)


def _count(run: SyncRun | None, kind: RecordKind, what: str) -> int:
    counted = run.counts.get(kind) if run else None
    return int(counted.get(what, 0)) if isinstance(counted, dict) else 0


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
