"""Read one list of a link for a sync, page by page, and the body's measures, which are no list.

Each page is stored in one transaction with the cursor behind it, so that a sync which is killed goes
on where it was, and one that runs twice changes nothing. No transaction is open while WHOOP is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from coach.database.writes import Writes
from coach.extensions import db
from coach.whoop import webhook
from coach.whoop.client import WhoopClient, pages
from coach.whoop.errors import MissingScope
from coach.whoop.payloads import RawPage, RecordKind
from coach.whoop.sync import calling, comparing, cursors, fencing, planning, runs, storing
from coach.whoop.sync.cursors import READ, TOP, Cursors, moments_of
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.storing import Stored
from coach.work.leases import unit_of_work

log = structlog.get_logger()
# What changed late in the nights before comes along in the page that is read anyway.
OVERLAP = timedelta(days=3)
BODY_EVERY = timedelta(days=14)


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


def read(kind: RecordKind, mark: str, attempt: Attempt) -> bool:
    """Read one list to its end, or back to where we know it; False when it was not granted."""
    # Without a start the list gives the newest 25: the re-read of the last weeks for one call.
    start, back_to = attempt.since if attempt.is_first else None, _back_to(kind, attempt)
    token = None if mark == TOP else mark
    try:
        for page in pages(calling.lister(kind, attempt.whoop), start=start, next_token=token):
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


def _reaches(page: RawPage, since: datetime) -> bool:
    """Tell whether a page, newest first, goes back to `since`; a recovery has only its making."""
    times = [str(raw.get("start") or raw.get("created_at") or "") for raw in page.records]
    return min(times, default="") < since.strftime("%Y-%m-%dT%H:%M:%S")


def wants_body(link: Link, now: datetime) -> bool:
    """Tell whether to ask for the weight: WHOOP keeps no history and announces no change."""
    asked = cursors.moment_of(link.cursors, cursors.MEASURED_ON)
    return asked is None or now - asked >= BODY_EVERY


def read_body(attempt: Attempt) -> None:
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
