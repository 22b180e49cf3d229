"""The few-line entry points the queue calls."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog

from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db, settings
from coach.ids import new_id
from coach.whoop import storing, sync
from coach.whoop.errors import (
    MustReconnect,
    OurFault,
    SlowDown,
    Unavailable,
    UnexpectedPayload,
    WhoopError,
)
from coach.whoop.models import Integration, Outcome, Status, Trigger
from coach.whoop.storing import Gone, Link
from coach.work import slots
from coach.work.asking import Kind, ask
from coach.work.leases import Later, Piece, unit_of_work
from coach.work.models import Lane, Queue
from coach.work.perform import does

log = structlog.get_logger()

SYNC = Kind("whoop_sync", Queue.SYNC)
WAIT_WHEN_UNAVAILABLE = timedelta(minutes=5)
A_DAY = timedelta(days=1)
# One failure of ours or of WHOOP never ends the schedule; only the client's own word does.
KEPT_UP = {Status.ACTIVE, Status.ERROR}


@does(SYNC)
def sync_integration(piece: Piece) -> None:
    """Do one piece of work: bring an integration up to date."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    run_id = new_id()
    try:
        with unit_of_work():
            link = storing.load(piece.subject_id, piece.organisation_id)
            storing.begin_run(link, run_id, work_id=piece.id, trigger=_trigger(link, piece))
        _catch_up(link, run_id, piece)
    except Gone:
        log.info("link_gone")


def ask_for_sync(integration: Integration, *, lane: Lane = Lane.FRESH) -> UUID:
    """Make the work of a sync, or join the one that is open; its id."""
    return ask(
        SYNC,
        organisation_id=integration.organisation_id,
        subject_id=integration.id,
        lane=lane,
    )


def plan_next(integration: Integration, *, now: datetime) -> None:
    """Plan the next scheduled sync at this integration's own offset of the day."""
    moment = next_moment(integration.id, after=now)
    integration.next_sync = moment
    slots.plan(
        SYNC.name,
        subject_id=integration.id,
        organisation_id=integration.organisation_id,
        due_at=moment,
    )


def next_moment(integration_id: UUID, *, after: datetime) -> datetime:
    """Spread integrations evenly and stably over the period between two syncs."""
    period = A_DAY / settings().whoop_sync_times_per_day
    offset = period * (int.from_bytes(sha256(integration_id.bytes).digest()[:4]) / 2**32)
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    gone = (after - midnight - offset) // period + 1
    return (midnight + offset + period * gone).replace(microsecond=0)


def sync_due(*, now: datetime) -> int:
    """Make work of every due slot and plan the one after it, in one transaction; how many."""
    if not settings().feature_whoop_integration:
        return 0
    due = slots.take_due(SYNC.name, now=now)
    for subject_id, organisation_id, _ in due:
        act_for(organisation_id, user_id=None, session=db.session())
        integration = db.session.get(Integration, (organisation_id, subject_id))
        if integration is not None and integration.status in KEPT_UP:
            ask_for_sync(integration, lane=Lane.RECONCILE)
            plan_next(integration, now=now)
            db.session.flush()
    db.session.commit()
    act_for_nobody()
    return len(due)


def _trigger(link: Link, piece: Piece) -> Trigger:
    if link.last_sync is None:
        return Trigger.LINK
    return Trigger.ASKED if piece.lane == Lane.FRESH else Trigger.SCHEDULE


def _catch_up(link: Link, run_id: UUID, piece: Piece) -> None:
    try:
        outcome = sync.catch_up(link, run_id, now=piece.started_at, lane=Lane(piece.lane))
    except (SlowDown, Unavailable) as error:
        storing.end_run(link, run_id, outcome=Outcome.POSTPONED, error=type(error).__name__)
        wait = timedelta(seconds=error.wait) if isinstance(error, SlowDown) else None
        raise Later(
            piece.started_at + (wait or WAIT_WHEN_UNAVAILABLE), type(error).__name__
        ) from error
    except (MustReconnect, OurFault, UnexpectedPayload) as error:
        _condemn(link, error)
        storing.end_run(link, run_id, outcome=Outcome.FAILED, error=type(error).__name__)
        if isinstance(error, UnexpectedPayload):
            raise
    else:
        storing.end_run(link, run_id, outcome=outcome)


def _condemn(link: Link, error: WhoopError) -> None:
    """Say on the integration what has to be done, and by whom."""
    status = Status.RECONNECT_NEEDED if isinstance(error, MustReconnect) else Status.ERROR
    with unit_of_work():
        storing.mark(link, status, type(error).__name__)
