"""Fetch, map, record, move the cursor, for one integration.

What to read stands in the link's cursors, so that a second request joins a sync that is open. Each
page is stored in one transaction with the cursor behind it, so that a sync which is killed goes on
where it was, and one that runs twice changes nothing. No transaction is open while WHOOP is asked,
and after a disconnect nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from coach.database.writes import Writes
from coach.days.calendar import NEIGHBOURHOOD
from coach.extensions import db, settings
from coach.outbound import Outbound
from coach.whoop import webhook
from coach.whoop.client import Authorised, PageOf, TokenSource, Transport, WhoopClient, pages
from coach.whoop.errors import MissingScope
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.models import Outcome, Trigger
from coach.whoop.payloads import RawPage, RecordKind
from coach.whoop.quota.pace import Pace, is_busy
from coach.whoop.sync import (
    comparing,
    confirming,
    cursors,
    fencing,
    history,
    planning,
    runs,
    scores,
    storing,
)
from coach.whoop.sync.confirming import Doubt
from coach.whoop.sync.cursors import LISTS, READ, TOP, Cursors, moments_of
from coach.whoop.sync.deriving import derive
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.storing import Stored
from coach.work.leases import mark_ours_done, unit_of_work
from coach.work.models import Lane

log = structlog.get_logger()
# What changed late in the nights before comes along in the page that is read anyway.
OVERLAP = timedelta(days=3)
BODY_EVERY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to be asked: lists, each with its mark, and things by their ids, `kind:id`."""

    lists: Mapping[RecordKind, str]
    sought: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a sync: for whom, by which client, since when, and when it began."""

    link: Link
    run_id: UUID
    whoop: WhoopClient
    since: datetime
    now: datetime
    reviews: Mapping[RecordKind, datetime]

    @property
    def is_first(self) -> bool:
        return self.link.last_sync is None


def begin(link: Link, writes: Writes, *, now: datetime) -> Link:
    """Write down, with other writes, for a link that is held, since when we read; after a break as it was before."""
    known = link.cursors
    if cursors.TRIGGER not in known:  # nobody said what for: everything
        known = cursors.asked_for(known, LISTS, trigger=Trigger.ASKED)
    since = cursors.moment_of(known, cursors.SINCE) or _since(link, now)
    known = {**known, cursors.SINCE: since.isoformat()}
    fencing.note(link, known, writes)
    return replace(link, cursors=known)


def catch_up(link: Link, run_id: UUID, *, now: datetime, lane: Lane = Lane.FRESH) -> Outcome:
    """Read what was asked for, once it has begun; raises WhoopError, or Gone after a disconnect.

    The work that is done is marked as done in the transaction that ends the sync: whoever asks
    for more comes before it, and is served, or after it, and makes new work.
    """
    unread = cursors.unread(link.cursors)
    planned = max(len(unread) + _wants_body(link, now), 1)
    pace = Pace(link.whoop_app_id, lane, planned=planned)
    try:
        return _catch_up(_attempt(link, run_id, pace, now=now), Left(unread))
    finally:
        pace.give_back()


def _catch_up(attempt: Attempt, left: Left) -> Outcome:
    complete = _read(left, attempt)
    if _wants_body(attempt.link, attempt.now):
        _read_body(attempt)
    while True:
        outcome = Outcome.COMPLETE if complete else Outcome.PARTIAL
        more = _finish(attempt, outcome)
        if more is None:
            return outcome
        complete = _read(more, attempt) and complete


def _attempt(link: Link, run_id: UUID, pace: Pace, *, now: datetime) -> Attempt:
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = _connect(keeper, pace)
    since = cursors.moment_of(link.cursors, cursors.SINCE) or _since(link, now)
    return Attempt(link, run_id, whoop, since, now, _reviews(link, now))


def _reviews(link: Link, now: datetime) -> Mapping[RecordKind, datetime]:
    """Say which lists are read far back if they are read, and how far, as long as quota is left."""
    reviewed = moments_of(link.cursors, cursors.REVIEWED_AT)
    due = {kind: planning.review(kind, reviewed, now=now) for kind in LISTS}
    back_to = {kind: moment for kind, moment in due.items() if moment}
    return back_to if back_to and not is_busy(link.whoop_app_id) else {}


def _since(link: Link, now: datetime) -> datetime:
    if link.last_sync is None:
        return now - timedelta(days=settings().whoop_first_sync_days)
    return link.last_sync - OVERLAP


def connect(tokens: TokenSource, *, app_id: UUID, lane: Lane = Lane.FRESH) -> WhoopClient:
    """Give a client for one person's data at the WHOOP of the settings, at its app's pace."""
    return _connect(tokens, Pace(app_id, lane))


def _connect(tokens: TokenSource, pace: Pace) -> WhoopClient:
    base_url = settings().whoop_api_base_url
    transport = Transport(Outbound([base_url]), base_url, pace.before_call, pace.after_call)
    return WhoopClient(Authorised(transport, tokens))


def _finish(attempt: Attempt, outcome: Outcome) -> Left | None:
    """End the sync in one transaction, unless there is more to read by now: then say what."""
    link, now = attempt.link, attempt.now
    with unit_of_work():
        known = fencing.check(link)
        left = _left(link, known)
        if left.lists or left.sought:
            return left
        since = _days_since(known, attempt.since)
        derive(link.client_id, since=since)
        kept = cursors.ended(known, reviewed=attempt.reviews, now=now)
        kept = scores.follow(link, kept, now=now)
        finished = fencing.finished(link, now=now, since=since, cursors=kept)
        runs.close(link, attempt.run_id, outcome=outcome, finished=finished)
        history.follow(link, since=attempt.since, now=now)
        mark_ours_done()
    return None


def _left(link: Link, known: Cursors) -> Left:
    """Say what is still to be asked: first the lists, then what they should have shown."""
    if lists := cursors.unread(known):
        return Left(lists)
    if sought := cursors.sought_in(known):
        return Left({}, sought)
    return Left(_cycles_behind(link, known))


def _days_since(known: Cursors, since: datetime) -> datetime:
    """Say from when on days must follow; a change may move what lies next to it."""
    changed = cursors.moment_of(known, cursors.CHANGED)
    return min(since, changed - NEIGHBOURHOOD) if changed else since


def _cycles_behind(link: Link, known: Cursors) -> Mapping[RecordKind, str]:
    """Ask for the cycles when a night has come whose cycle we have not seen yet."""
    changed = cursors.moment_of(known, cursors.CHANGED)
    if RecordKind.CYCLE.value in known or changed is None:
        return {}
    unknown = comparing.has_night_without_cycle(link, since=changed)
    return {RecordKind.CYCLE: TOP} if unknown else {}


def _read(left: Left, attempt: Attempt) -> bool:
    """Read some lists, or ask for what should have been in them; False when one was refused."""
    granted = [_read_list(kind, mark, attempt) for kind, mark in left.lists.items()]
    for each in left.sought:
        kind, _, object_id = each.partition(":")
        if doubt := Doubt.of(kind, object_id):
            confirming.settle(doubt, attempt.whoop, attempt.link, now=attempt.now)
        with unit_of_work():
            _stop_seeking({each}, attempt)
    return all(granted)


def _stop_seeking(found: set[str], attempt: Attempt) -> None:
    left = [each for each in cursors.sought_in(fencing.check(attempt.link)) if each not in found]
    fencing.put(attempt.link, {cursors.SOUGHT: left})


def _read_list(kind: RecordKind, mark: str, attempt: Attempt) -> bool:
    """Read one list to its end, or back to where we know it; False when it was not granted."""
    # Without a start the list gives the newest 25: the re-read of the last weeks for one call.
    start, back_to = attempt.since if attempt.is_first else None, _back_to(kind, attempt)
    token = None if mark == TOP else mark
    try:
        for page in pages(lister(kind, attempt.whoop), start=start, next_token=token):
            enough = page.next_token is None or (not attempt.is_first and _reaches(page, back_to))
            cursor = READ if enough else str(page.next_token)
            _keep_page(kind, page, attempt, top=token is None, cursor=cursor)
            if enough:
                break
            token = cursor
    except MissingScope:
        with unit_of_work():
            fencing.put(attempt.link, {kind.value: READ})
        return False
    return True


def _back_to(kind: RecordKind, attempt: Attempt) -> datetime:
    """Say how far back to read a list: a bit further than last time, and much once a week."""
    last = moments_of(attempt.link.cursors, cursors.READ_AT).get(kind)
    usual = min(last - OVERLAP, attempt.since) if last else attempt.since
    return min(usual, attempt.reviews.get(kind, usual))


def _keep_page(
    kind: RecordKind, page: RawPage, attempt: Attempt, *, top: bool, cursor: str
) -> None:
    """Store a page in one transaction with the cursor behind it, and hold it against what we had."""
    link = attempt.link
    with unit_of_work():
        known = fencing.check(link)
        sought = set(cursors.sought_in(known))
        writes = Writes()
        there, gone = comparing.beside(link, kind, page, top=top)
        stored = storing.compare(link, kind, page.records, writes, now=attempt.now, known=there)
        missed = _missed(kind, stored, sought, attempt)
        sought -= {f"{kind}:{each}" for each in comparing.provider_ids(kind, page)}
        if not attempt.is_first:
            sought |= {f"{kind}:{each}" for each in gone}
        marks: Cursors = {kind.value: cursor, cursors.SOUGHT: sorted(sought)}
        if missed:
            marks[cursors.MISSED_AT] = attempt.now.isoformat()
        fencing.note(link, marks | stored.remembered(known), writes)
        counts = {**stored.counts, "missed": missed}
        runs.count(link, attempt.run_id, kind, counts, writes)
        writes.send(db.session())


def _missed(kind: RecordKind, stored: Stored, sought: set[str], attempt: Attempt) -> int:
    """Count what WHOOP should have announced and has not."""
    link = attempt.link
    read_at = moments_of(link.cursors, cursors.READ_AT).get(kind)
    if kind is RecordKind.CYCLE or read_at is None:
        return 0  # nothing is announced of cycles, nor of what was there before the link
    told = {each.partition(":")[2] for each in sought}
    unannounced = stored.changed_between(read_at, attempt.now - planning.ANNOUNCED_WITHIN) - told
    silent_since = attempt.now - planning.SILENCE
    if not unannounced or not webhook.is_heard(link.whoop_app_id, since=silent_since):
        return 0
    log.warning("announcement_missed", record=kind.value, count=len(unannounced))
    return len(unannounced)


def lister(kind: RecordKind, whoop: WhoopClient) -> PageOf:
    """Give the list of a kind."""
    return {
        RecordKind.CYCLE: whoop.cycles,
        RecordKind.SLEEP: whoop.sleeps,
        RecordKind.RECOVERY: whoop.recoveries,
        RecordKind.WORKOUT: whoop.workouts,
    }[kind]


def _reaches(page: RawPage, since: datetime) -> bool:
    """Tell whether a page, newest first, goes back to `since`; a recovery has only its making."""
    times = [str(raw.get("start") or raw.get("created_at") or "") for raw in page.records]
    return min(times, default="") < since.strftime("%Y-%m-%dT%H:%M:%S")


def _wants_body(link: Link, now: datetime) -> bool:
    """Tell whether to ask for the weight: WHOOP keeps no history and announces no change."""
    asked = cursors.moment_of(link.cursors, cursors.MEASURED_ON)
    return asked is None or now - asked >= BODY_EVERY


def _read_body(attempt: Attempt) -> None:
    link, now = attempt.link, attempt.now
    try:
        body = attempt.whoop.body_measurement()
    except MissingScope:
        return
    kind = RecordKind.BODY_MEASUREMENT
    here = now.astimezone(ZoneInfo(link.timezone))  # it belongs to the client's own date
    with unit_of_work():
        known = fencing.check(link)
        writes = Writes()
        stored = storing.compare(link, kind, [body] if body else [], writes, now=here)
        marks: Cursors = {cursors.MEASURED_ON: now.isoformat()}
        fencing.note(link, marks | stored.remembered(known), writes)
        runs.count(link, attempt.run_id, kind, stored.counts, writes)
        writes.send(db.session())
