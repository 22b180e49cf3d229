"""Follow what WHOOP announced for one integration: confirm deletions, then have it synced.

Events of some seconds are followed together. None is lost: one that arrives while we work stays
pending, and the work goes on until it finds none.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from coach.extensions import db, settings
from coach.whoop import confirming, jobs, storing, sync, webhook
from coach.whoop.errors import SlowDown, Unavailable, WhoopError
from coach.whoop.keeping import TokenKeeper
from coach.whoop.models import Integration, Status
from coach.whoop.storing import Gone, Link
from coach.whoop.webhook import EVENT, Announcement
from coach.work.asking import open_work
from coach.work.leases import Later, Piece, mark_done, now, unit_of_work
from coach.work.models import Lane, Work, WorkState
from coach.work.perform import does

log = structlog.get_logger()
# A sync that runs has read some lists before the announcement; we look again when it has ended.
BREATH = timedelta(seconds=5)

Announced = Mapping[UUID, Announcement]


@does(EVENT)
def follow_announcements(piece: Piece) -> None:
    """Do one piece of work: follow everything announced for one integration so far."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    try:
        with unit_of_work():
            link = storing.load(piece.subject_id, piece.organisation_id)
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
    decided = _confirm_deletions(piece, link, announced)
    with unit_of_work():
        later = _hand_over(piece, link, announced, decided)
    if later is not None:
        raise Later(later, "more was announced")


def _confirm_deletions(piece: Piece, link: Link, announced: Announced) -> list[UUID]:
    """Ask WHOOP for each thing that is said to be gone; gives the announcements that are clear."""
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = sync.connect(keeper, app_id=link.whoop_app_id, lane=Lane(piece.lane))
    undecided: set[UUID] = set()
    for doubt, events in confirming.doubts(announced).items():
        try:
            confirming.settle(doubt, whoop, link, now=piece.started_at)
        except (SlowDown, Unavailable) as error:
            wait = error.wait if isinstance(error, SlowDown) else None
            raise Later(_after(piece, wait), type(error).__name__) from error
        except WhoopError as error:  # the sync that follows says what is wrong with the link
            log.warning("deletion_not_confirmed", reason=type(error).__name__)
            undecided |= events
    return [event for event in announced if event not in undecided]


def _hand_over(
    piece: Piece, link: Link, announced: Announced, decided: list[UUID]
) -> datetime | None:
    """Let the ordinary sync read what is new, and end in the same transaction, unless there is more.

    Our row of work and the sync's are locked until the commit: who announces more, or begins the
    sync, comes before all of this or after it.
    """
    work_id = jobs.ask_for_sync(_integration(link), lane=Lane(piece.lane))
    state = db.session.execute(select(Work.state).where(Work.id == work_id)).scalar_one()
    if state == WorkState.RUNNING:
        return now() + BREATH
    storing.read_again(link)
    webhook.settle(link.id, decided)
    if webhook.pending(link.id).keys() - announced.keys():
        return now() + webhook.WINDOW
    mark_done(piece)
    return None


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
