"""The few-line entry points the queue calls."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog

from coach.database.writes import Writes
from coach.extensions import db, settings
from coach.ids import new_id
from coach.whoop.errors import (
    MustReconnect,
    OurFault,
    SlowDown,
    TokenRefused,
    Unavailable,
    UnexpectedPayload,
)
from coach.whoop.models import Integration, Outcome, Trigger
from coach.whoop.sync import fencing, notices, reading, runs
from coach.whoop.sync.cursors import LISTS, TRIGGER, asked_for
from coach.whoop.sync.fencing import Gone, Link
from coach.whoop.sync.planning import Request
from coach.work import slots
from coach.work.asking import Kind, ask
from coach.work.leases import MOST_ATTEMPTS, Later, Piece, mark_done, unit_of_work
from coach.work.models import Lane, Queue
from coach.work.perform import does

log = structlog.get_logger()

SYNC = Kind("whoop_sync", Queue.SYNC)
WAIT_WHEN_UNAVAILABLE = timedelta(minutes=5)
A_DAY = timedelta(days=1)
EVERYTHING = Request(frozenset(LISTS))


@does(SYNC)
def sync_integration(piece: Piece) -> None:
    """Do one piece of work: bring an integration up to date."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    run_id = new_id()
    try:
        with unit_of_work():
            link = fencing.load(piece.subject_id, piece.organisation_id, hold=True)
            writes = Writes()
            runs.begin(link, run_id, writes, work_id=piece.id, trigger=_trigger(link))
            link = reading.begin(link, writes, now=piece.started_at)
            if piece.attempt >= MOST_ATTEMPTS:  # a try that kills its worker says no more than this
                notices.doubt(link)
            writes.send(db.session())
        _catch_up(link, run_id, piece)
    except Gone:
        log.info("link_gone")
        _go_on_if_linked_again(piece, piece.organisation_id)


def _go_on_if_linked_again(piece: Piece, organisation_id: UUID) -> None:
    """Serve a link that was made while we worked for the one before: its request joined ours.

    Our row of work is locked until the commit, so who links later makes new work.
    """
    with unit_of_work():
        if not fencing.is_linked(piece.subject_id, organisation_id):
            mark_done(piece)
            return
    raise Later(piece.started_at, "linked again")


def ask_for_sync(
    integration: Integration,
    *,
    lane: Lane = Lane.FRESH,
    trigger: Trigger = Trigger.ASKED,
    request: Request = EVERYTHING,
    again: bool = False,
) -> UUID:
    """Make the work of a sync, or add to what the open one has to read; the id of the work.

    With `again` an open sync that is not running also reads lists that it has read before.
    """
    work_id = ask(
        SYNC,
        organisation_id=integration.organisation_id,
        subject_id=integration.id,
        lane=lane,
    )
    db.session.flush()
    # The work's row is locked before the link's, as a sync does it.
    db.session.refresh(integration, ["cursors"], with_for_update={"key_share": True})
    integration.cursors = asked_for(
        integration.cursors,
        request.kinds,
        trigger=trigger,
        sought=request.sought,
        again=again,
    )
    db.session.flush()
    return work_id


def plan_next(integration: Integration, *, now: datetime, at: datetime | None = None) -> None:
    """Plan the next scheduled sync, `at` a moment or at this integration's own offset of the day."""
    moment = at or next_moment(integration.id, after=now)
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
    share = int.from_bytes(sha256(integration_id.bytes).digest()[:4]) / 2**32
    offset = timedelta(seconds=period.total_seconds() * share // 1)
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    gone = (after - midnight - offset) // period + 1
    return midnight + offset + period * gone


def _trigger(link: Link) -> Trigger:
    told = link.cursors.get(TRIGGER)
    return Trigger(str(told)) if told else Trigger.ASKED


def _catch_up(link: Link, run_id: UUID, piece: Piece) -> None:
    try:
        reading.catch_up(link, run_id, now=piece.started_at, lane=Lane(piece.lane))
    except (SlowDown, Unavailable) as error:
        if isinstance(error, TokenRefused) and notices.refused_for_good(link, error):
            notices.condemn(link, MustReconnect("fresh tokens are refused for hours"))
            runs.end(link, run_id, outcome=Outcome.FAILED, error=type(error).__name__)
            return
        runs.end(link, run_id, outcome=Outcome.POSTPONED, error=type(error).__name__)
        wait = timedelta(seconds=error.wait) if error.wait else WAIT_WHEN_UNAVAILABLE
        raise Later(piece.started_at + wait, type(error).__name__) from error
    except (MustReconnect, OurFault, UnexpectedPayload) as error:
        notices.condemn(link, error)
        runs.end(link, run_id, outcome=Outcome.FAILED, error=type(error).__name__)
        if isinstance(error, UnexpectedPayload):
            raise
