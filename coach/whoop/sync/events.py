"""Follow what WHOOP announced for one integration: confirm deletions, then have it synced.

Events of some seconds are followed together. None is lost: one that arrives while we work stays
pending, and the work goes on until it finds none.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from coach.extensions import db, settings
from coach.whoop import webhook
from coach.whoop.errors import SlowDown, Unavailable, WhoopError
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.models import Integration, Status, Trigger
from coach.whoop.payloads import RecordKind
from coach.whoop.sync import calling, comparing, confirming, fencing, jobs, planning
from coach.whoop.sync.confirming import Doubt
from coach.whoop.sync.fencing import Gone, Link
from coach.whoop.sync.planning import Request
from coach.whoop.webhook import EVENT, Announcement
from coach.work.asking import ask, open_work
from coach.work.leases import Later, Piece, mark_done, unit_of_work
from coach.work.models import Lane, Work, WorkState
from coach.work.perform import does

log = structlog.get_logger()
# A sync that runs has read some lists before the announcement; we look again when it has ended.
BREATH = timedelta(seconds=5)

Announced = Mapping[UUID, Announcement]


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of asking for things alone: what to read after it, and which events stay open."""

    request: Request
    undecided: set[UUID]


@does(EVENT)
def follow_announcements(piece: Piece) -> None:
    """Do one piece of work: follow everything announced for one integration so far."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    try:
        with unit_of_work():
            link = fencing.load(piece.subject_id, piece.organisation_id)
            announced = webhook.pending(link.id)
            status = _integration(link).status
            running = _sync_runs(link)
        if status == Status.RECONNECT_NEEDED:
            return  # they stay pending until the client has linked again
        if running:
            raise Later(piece.started_at + BREATH, "a sync runs")
        _follow(piece, link, announced)
    except Gone:
        log.info("link_gone")
        _forget(piece.subject_id)


def _follow(piece: Piece, link: Link, announced: Announced) -> None:
    with unit_of_work():
        doubts = confirming.doubts(announced) | _out_of_reach(link, announced)
    settled = _ask_for_each(piece, link, doubts)
    decided = [event for event in announced if event not in settled.undecided]
    alone = set().union(*doubts.values()) if doubts else set()
    rest = {event: said for event, said in announced.items() if event not in alone}
    with unit_of_work():
        request = _lists(link, rest) | settled.request
        later = _hand_over(piece, link, announced, decided, request)
    if later is not None:
        raise Later(later, "more was announced")


def _out_of_reach(link: Link, announced: Announced) -> dict[Doubt, set[UUID]]:
    """Name updates of what lies further back than the lists reach: they are asked for by id."""
    found: dict[Doubt, set[UUID]] = defaultdict(set)
    for event, said in announced.items():
        if doubt := Doubt.of(said.type.partition(".")[0], said.object_id):
            found[doubt].add(event)
    far = {
        (kind, each)
        for kind in (RecordKind.SLEEP, RecordKind.WORKOUT)
        for each in comparing.out_of_reach(link, kind, [doubt.id for doubt in found])
    }
    return {doubt: events for doubt, events in found.items() if (doubt.kind, doubt.id) in far}


def _ask_for_each(piece: Piece, link: Link, doubts: Mapping[Doubt, set[UUID]]) -> Settled:
    """Ask WHOOP for each thing that may be gone or lies far back; says what stays unclear."""
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = calling.connect(keeper, app_id=link.whoop_app_id, lane=Lane(piece.lane))
    undecided: set[UUID] = set()
    lists: set[RecordKind] = set()
    for doubt, events in doubts.items():
        try:
            gone = confirming.settle(doubt, whoop, link, now=piece.started_at)
            # A cycle may end elsewhere when a night is gone.
            lists |= {RecordKind.CYCLE} if gone and doubt.kind is RecordKind.SLEEP else set()
        except (SlowDown, Unavailable) as error:
            wait = error.wait if isinstance(error, SlowDown) else None
            raise Later(_after(piece, wait), type(error).__name__) from error
        except WhoopError as error:  # the sync that follows says what is wrong with the link
            log.warning("deletion_not_confirmed", reason=type(error).__name__)
            undecided |= events
            lists.add(doubt.kind)
    return Settled(Request(frozenset(lists)), undecided)


def _lists(link: Link, announced: Announced) -> Request:
    """Say which lists bring what was announced."""
    said = [(each.type, each.object_id) for each in announced.values()]
    sleeps = comparing.held(link, RecordKind.SLEEP, [object_id for _, object_id in said])
    return planning.updates(said, sleeps=sleeps)


def _hand_over(
    piece: Piece, link: Link, announced: Announced, decided: list[UUID], request: Request
) -> datetime | None:
    """Let the ordinary sync read what is new, and end in the same transaction, unless there is more.

    Our row of work and the sync's are locked until the commit: who announces more, or begins the
    sync, comes before all of this or after it.
    """
    if announced:
        if _is_running(link, Lane(piece.lane)):
            return piece.started_at + BREATH
        jobs.ask_for_sync(
            _integration(link),
            lane=Lane(piece.lane),
            trigger=Trigger.WEBHOOK,
            request=request,
            again=True,
        )
        webhook.settle(link.id, decided)
    if webhook.pending(link.id).keys() - announced.keys():
        return piece.started_at + webhook.WINDOW
    mark_done(piece)
    return None


def _is_running(link: Link, lane: Lane) -> bool:
    """Hold the row of the open sync, made if there is none, and tell whether it runs."""
    work_id = ask(jobs.SYNC, organisation_id=link.organisation_id, subject_id=link.id, lane=lane)
    state = db.session.execute(select(Work.state).where(Work.id == work_id)).scalar_one()
    return state == WorkState.RUNNING


def _after(piece: Piece, wait: float | None) -> datetime:
    return piece.started_at + (timedelta(seconds=wait) if wait else jobs.WAIT_WHEN_UNAVAILABLE)


def _sync_runs(link: Link) -> bool:
    work = open_work(jobs.SYNC, link.id)
    return work is not None and work.state == WorkState.RUNNING


def _integration(link: Link) -> Integration:
    return db.session.get_one(Integration, (link.organisation_id, link.id))


def _forget(integration_id: UUID) -> None:
    with unit_of_work():
        webhook.settle(integration_id, list(webhook.pending(integration_id)))
