"""The work of the lowest lane: fill holes of the last weeks, then read the history, bit by bit.

Each page is stored in one transaction with the place behind it. After a few pages the piece ends
and comes back behind the others, so that many clients get their newest days first.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

import structlog

from coach.days import store
from coach.days.calendar import NEIGHBOURHOOD
from coach.extensions import db, settings
from coach.whoop.client import WhoopClient
from coach.whoop.errors import (
    MissingScope,
    MustReconnect,
    OurFault,
    SlowDown,
    Unavailable,
    UnexpectedPayload,
)
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.models import Integration, Trigger
from coach.whoop.payloads import RawPage, RecordKind
from coach.whoop.sync import calling, fencing, filling, history, jobs, storing
from coach.whoop.sync.deriving import derive
from coach.whoop.sync.fencing import Gone, Link
from coach.whoop.sync.history import A_DAY, HISTORY, MORE, History, Reach
from coach.work.leases import Later, Piece, now, unit_of_work
from coach.work.models import Lane
from coach.work.perform import does

log = structlog.get_logger()

PAGES_AT_ONCE = 4
# Ten years of a member who sleeps and trains three times a day; more is a list without an end.
MOST_PAGES = 500
# Days follow in steps of so much, and not after each page.
STEP = timedelta(days=14)
WHEN_UNAVAILABLE = timedelta(minutes=5)


@does(HISTORY)
def go_back(piece: Piece) -> None:
    """Do one piece of work: fill a hole, or read some pages of the history."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    try:
        with unit_of_work():
            link = fencing.load(piece.subject_id, piece.organisation_id)
            known = history.read(link)
            missing = history.holes(link, known, now=piece.started_at) if known else []
        if known is not None:
            _go_back(piece, link, known, missing)
    except Gone:
        log.info("link_gone")


def read_on(link: Link, known: History, whoop: WhoopClient, *, now: datetime) -> History:
    """Read some pages, each from the list that is least far back; raises WhoopError or Gone."""
    for _ in range(PAGES_AT_ONCE):
        kind = known.next_list()
        if kind is None:
            break
        known = _read_page(kind, link, known, whoop, now=now)
        known = _settle(link, known)
    return _settle(link, known)


def _go_back(piece: Piece, link: Link, known: History, missing: list[date]) -> None:
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = calling.connect(keeper, app_id=link.whoop_app_id, lane=Lane(piece.lane))
    try:
        if missing:
            left = filling.fill(link, known, missing, whoop, now=piece.started_at)
        else:
            left = not read_on(link, known, whoop, now=piece.started_at).done
    except (SlowDown, Unavailable) as error:
        wait = timedelta(seconds=error.wait) if error.wait else WHEN_UNAVAILABLE
        _come_back(wait, type(error).__name__)
    except MustReconnect:
        _let_a_sync_find_out(link)
    else:
        if left or (missing and not known.done):
            _come_back(timedelta(), MORE)


def _come_back(wait: timedelta, reason: str) -> NoReturn:
    """Stand in the line again, behind everybody who waits now."""
    with unit_of_work():
        moment = now() + wait
    raise Later(moment, reason)


def _let_a_sync_find_out(link: Link) -> None:
    """Leave it to an ordinary sync to say what is wrong; after a reconnect we go on."""
    with unit_of_work():
        integration = db.session.get_one(Integration, (link.organisation_id, link.id))
        jobs.ask_for_sync(integration, lane=Lane.RECONCILE, trigger=Trigger.SCHEDULE)


def _read_page(
    kind: RecordKind, link: Link, known: History, whoop: WhoopClient, *, now: datetime
) -> History:
    """Store one page of a list in one transaction with the place behind it."""
    reach, page = known.lists[kind], RawPage([], None)
    try:
        page = calling.lister(kind, whoop)(start=known.limit, end=reach.end, next_token=reach.token)
        further = _further(reach, page)
    except MissingScope:
        further = replace(reach, read=True, granted=False)
    except OurFault:
        if reach.token is None:
            raise
        further = reach.by_time()  # nobody says how long a mark is good
    known = known.having(kind, further)
    with unit_of_work():
        fencing.check(link)
        storing.store_records(link, kind, page.records, now=now)
        history.write(link, known)
    return known


def _further(reach: Reach, page: RawPage) -> Reach:
    if page.next_token is not None and page.next_token == reach.token:
        raise UnexpectedPayload("the list runs in a circle")
    if reach.pages >= MOST_PAGES:
        raise UnexpectedPayload(f"the list has no end after {MOST_PAGES} pages")
    return replace(
        reach,
        back_to=min([reach.back_to, *_moments(page)]),
        token=page.next_token,
        pages=reach.pages + 1,
        read=page.next_token is None,
    )


def _moments(page: RawPage) -> list[datetime]:
    """List when the records began; of a recovery we know only when it was made, which is later."""
    told = [str(raw.get("start") or raw.get("created_at")) for raw in page.records]
    return [moment for text in told if (moment := _moment(text)) is not None]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _settle(link: Link, known: History) -> History:
    """Let the days follow the records, as far back as every list is read."""
    to = max(known.complete_to, known.limit)
    if known.done or (to > known.limit and known.settled - to < STEP):
        return known
    settled = replace(known, settled=to)
    with unit_of_work():
        fencing.check(link)
        store.lock(link.client_id)
        derive(
            link.client_id,
            # The first day is whole only when nothing lies before it.
            since=to - A_DAY if settled.done else to + 2 * A_DAY,
            until=known.settled + NEIGHBOURHOOD,  # where older neighbours were not known yet
        )
        history.write(link, settled)
    return settled
