"""Syncs: ask for one, see how it goes and what it brought."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, url_for
from pydantic import Field
from sqlalchemy import ColumnElement, or_, select

from coach.accounts.fair_use import SYNC
from coach.accounts.models import Client
from coach.api import auth, clients, paging
from coach.api.answers import as_json
from coach.api.choosing import on_dates
from coach.api.operations import operation
from coach.api.resources.whoop import integration_or_404, only_when_switched_on
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse, in_utc
from coach.extensions import db
from coach.web.problems import Refused, invalid
from coach.whoop.models import Integration, Status, SyncRun, Trigger
from coach.whoop.payloads import RecordKind
from coach.whoop.sync import jobs
from coach.whoop.sync.cursors import reaching_back
from coach.work.models import Work, WorkState

TAG = "WHOOP"
USUAL_DAYS, MOST_DAYS = 7, 365
_COLLECTIONS = {
    "cycles": RecordKind.CYCLE,
    "recovery": RecordKind.RECOVERY,
    "sleep": RecordKind.SLEEP,
    "workouts": RecordKind.WORKOUT,
    "body_measurements": RecordKind.BODY_MEASUREMENT,
}


INTERRUPTED = "Interrupted"
_WAITS = {WorkState.WAITING, WorkState.QUEUED}


class SyncStatus(StrEnum):
    """How a sync stands; `partial` is one in which something was not granted."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL = "partial"
    POSTPONED = "postponed"
    FAILED = "failed"


class Counts(Sparse):
    """Records that WHOOP told us in a sync."""

    cycles: int
    recovery: int
    sleep: int
    workouts: int
    body_measurements: int


class Sync(Sparse):
    """One sync: how it stands, and what it brought."""

    id: UUID
    status: SyncStatus = Field(examples=["complete"])
    trigger: str | None = Field(examples=["asked"])
    started_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None = Field(description="when one that waits goes on")
    counts: Counts
    calls: int = Field(description="calls to WHOOP")
    error: str | None = Field(
        description="what stood in the way: `SlowDown`, `Unavailable` and `Interrupted` pass by"
        " themselves, `MustReconnect` waits for the client, all else for whoever runs this"
    )


class SyncPage(Page[Sync]):
    """Syncs, newest first."""


class NewSync(Said):
    """Which days to read again; the last 7 when nothing is said. A sync always reaches to now."""

    start_date: date | None = Field(None, description="first date to read again, inclusive")
    end_date: date | None = Field(None, description="last date, inclusive; today when not said")


@operation("/clients/<client_id>/syncs", Scope.SYNC, SyncPage, tag=TAG)
def list_syncs(client_id: str, query: Chosen) -> SyncPage:
    """List the syncs of a client that have begun, newest first; by the dates they began on."""
    client, integration = _linked(client_id)
    begun = on_dates(SyncRun.started_at, query, client)
    mine = select(SyncRun).where(*_of(integration), *begun)
    found, cursor = paging.rows(mine, [SyncRun.id], query)
    held = _held(integration)
    return SyncPage(items=[_run(row, held) for row in found], next_cursor=cursor)


@operation(
    "/clients/<client_id>/syncs",
    Scope.SYNC,
    Sync,
    tag=TAG,
    method="POST",
    status=202,
)
def ask_for_sync(client_id: str, json: NewSync) -> Response:
    """Ask for a sync; the answer names where to see how it goes. 409 when it is not linked."""
    only_when_switched_on()
    client = clients.of_their_own(client_id)
    integration = integration_or_404(client)
    if integration.status not in {Status.ACTIVE, Status.ERROR}:
        raise Refused(409, "The link has to be made again first.")
    since = _since(json, client)
    auth.spend(SYNC)
    work_id = jobs.ask_for_sync(integration, again=True)
    integration.cursors = reaching_back(integration.cursors, since)
    db.session.flush()
    answer = as_json(_asked(integration, work_id), 202)
    here = url_for("api.get_sync", client_id=client.id, sync_id=work_id)
    answer.headers["Location"] = here
    return answer


@operation("/clients/<client_id>/syncs/<uuid:sync_id>", Scope.SYNC, Sync, tag=TAG)
def get_sync(client_id: str, sync_id: UUID) -> Sync:
    """Say how a sync goes, with counts by collection."""
    return _asked(_linked(client_id)[1], sync_id)


def _since(said: NewSync, client: Client) -> datetime:
    here = clients.today_of(client)
    last = said.end_date or here
    first = said.start_date or max(date.min + timedelta(days=USUAL_DAYS), last) - timedelta(
        days=USUAL_DAYS - 1
    )
    if first > last or last > here:
        raise invalid("end_date", "must lie from start_date to today")
    if (here - first).days >= MOST_DAYS:
        raise invalid("start_date", f"must lie within the last {MOST_DAYS} days")
    return datetime.combine(first, time.min, ZoneInfo(client.timezone)).astimezone(UTC)


def _linked(client_id: str) -> tuple[Client, Integration]:
    only_when_switched_on()
    client = clients.find(client_id)
    return client, integration_or_404(client)


def _asked(integration: Integration, sync_id: UUID) -> Sync:
    """Find a sync by the work that was asked for, or by its attempt; the newest attempt tells."""
    mine = or_(SyncRun.work_id == sync_id, SyncRun.id == sync_id)
    runs = db.session.scalars(
        select(SyncRun).where(*_of(integration), mine).order_by(SyncRun.id.desc())
    ).all()
    work = db.session.get(Work, sync_id, populate_existing=True)
    ours = work is not None and work.subject_id == integration.id
    if not runs and not ours:
        raise Refused(404)
    return _shown(sync_id, runs, work if ours else None)


def _held(integration: Integration) -> UUID | None:
    """Name the attempt that a worker holds now, the newest of the work that is running."""
    running = select(Work.id).where(
        Work.kind == jobs.SYNC.name,
        Work.subject_id == integration.id,
        Work.state == WorkState.RUNNING,
    )
    newest = select(SyncRun.id).where(*_of(integration), SyncRun.work_id.in_(running))
    return db.session.scalar(newest.order_by(SyncRun.id.desc()).limit(1))


def _shown(sync_id: UUID, runs: Sequence[SyncRun], work: Work | None) -> Sync:
    if not runs or (work is not None and work.state in _WAITS):
        return _waiting(sync_id, runs, work)
    running = work is not None and work.state == WorkState.RUNNING
    return _told(sync_id, runs, running=running)


def _waiting(sync_id: UUID, runs: Sequence[SyncRun], work: Work | None) -> Sync:
    """Tell of a sync that begins, or goes on, some time; of what it brought so far, too."""
    told = _told(sync_id, runs, running=True)
    due_at = in_utc(work.due_at if work else None)
    return told.model_copy(update={"status": SyncStatus.WAITING, "due_at": due_at})


def _run(run: SyncRun, held: UUID | None) -> Sync:
    return _told(run.id, [run], running=run.id == held)


def _told(sync_id: UUID, runs: Sequence[SyncRun], *, running: bool) -> Sync:
    """Tell of attempts, the newest first; one that nobody holds and that did not end was cut short."""
    newest = runs[0] if runs else SyncRun(trigger=Trigger.ASKED)
    unended = SyncStatus.RUNNING if running else SyncStatus.FAILED
    cut_short = None if newest.outcome or running else INTERRUPTED
    return Sync(
        id=sync_id,
        status=SyncStatus(newest.outcome) if newest.outcome else unended,
        trigger=newest.trigger,
        started_at=in_utc(newest.started_at),
        ended_at=in_utc(newest.ended_at),
        due_at=None,
        counts=_counts(runs),
        calls=sum(run.calls for run in runs),
        error=newest.error or cut_short,
    )


def _counts(runs: Sequence[SyncRun]) -> Counts:
    told = {name: sum(_stored(run, kind) for run in runs) for name, kind in _COLLECTIONS.items()}
    return Counts(**told)


def _stored(run: SyncRun, kind: RecordKind) -> int:
    counted = run.counts.get(kind)
    return int(counted.get("stored", 0)) if isinstance(counted, dict) else 0


def _of(integration: Integration) -> tuple[ColumnElement[bool], ...]:
    return (
        SyncRun.organisation_id == integration.organisation_id,
        SyncRun.integration_id == integration.id,
    )
