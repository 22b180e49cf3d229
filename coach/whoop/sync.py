"""Fetch, map, record, move the cursor, for one integration.

Each page is stored in one transaction with the cursor behind it, so that a sync which is killed
goes on where it was, and one that runs twice changes nothing. No transaction is open while WHOOP
is asked, and after a disconnect nothing is written.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from coach.days.calendar import NEIGHBOURHOOD
from coach.extensions import settings
from coach.outbound import Outbound
from coach.whoop import storing
from coach.whoop.client import Authorised, PageOf, TokenSource, Transport, WhoopClient, pages
from coach.whoop.deriving import data_through, derive
from coach.whoop.errors import MissingScope
from coach.whoop.keeping import TokenKeeper
from coach.whoop.models import Outcome
from coach.whoop.payloads import RawPage, RecordKind
from coach.whoop.quota import Pace
from coach.whoop.storing import READ, Link
from coach.work.leases import unit_of_work
from coach.work.models import Lane

# What changed late in the nights before comes along in the page that is read anyway.
OVERLAP = timedelta(days=3)
BODY_EVERY = timedelta(days=7)

COLLECTIONS = (RecordKind.CYCLE, RecordKind.SLEEP, RecordKind.RECOVERY, RecordKind.WORKOUT)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a sync: for whom, since when, and when it began."""

    link: Link
    run_id: UUID
    since: datetime
    now: datetime


def catch_up(link: Link, run_id: UUID, *, now: datetime, lane: Lane = Lane.FRESH) -> Outcome:
    """Bring an integration up to date; raises WhoopError, or Gone after a disconnect."""
    since = _since(link, now)
    with unit_of_work():
        storing.move_cursor(link, "since", since.isoformat())
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = connect(keeper, app_id=link.whoop_app_id, lane=lane)
    attempt = Attempt(link, run_id, since, now)
    granted = [_read_all(kind, whoop, attempt) for kind in COLLECTIONS]
    link = _read_body(whoop, attempt)
    with unit_of_work():
        storing.check(link)
        derive(
            link.client_id,
            since=_days_since(link, since),
            workouts_granted="read:workout" in link.scopes,
        )
        storing.finish(link, now=now, data_through=data_through(link.client_id))
    return Outcome.COMPLETE if all(granted) else Outcome.PARTIAL


def _days_since(link: Link, since: datetime) -> datetime:
    """Say from when on days must follow; a change may move what lies next to it."""
    changed = storing.changed_since(link)
    return min(since, changed - NEIGHBOURHOOD) if changed else since


def connect(tokens: TokenSource, *, app_id: UUID, lane: Lane = Lane.FRESH) -> WhoopClient:
    """Give a client for one person's data at the WHOOP of the settings, at its app's pace."""
    base_url, pace = settings().whoop_api_base_url, Pace(app_id, lane)
    transport = Transport(Outbound([base_url]), base_url, pace.before_call, pace.after_call)
    return WhoopClient(Authorised(transport, tokens))


def _since(link: Link, now: datetime) -> datetime:
    """Say from when on to read; a sync that goes on after a break keeps its beginning."""
    begun = link.cursors.get("since")
    if isinstance(begun, str):
        return datetime.fromisoformat(begun)
    if link.last_sync is None:
        return now - timedelta(days=settings().whoop_first_sync_days)
    return link.last_sync - OVERLAP


def _read_all(kind: RecordKind, whoop: WhoopClient, attempt: Attempt) -> bool:
    """Read one collection to its end, or back to `since`; False when it was not granted."""
    link, at = attempt.link, attempt.link.cursors.get(kind.value)
    if at == READ:
        return True
    first = link.last_sync is None
    # Without a start the list gives the newest 25: the re-read of the last weeks for one call.
    start, next_token = attempt.since if first else None, at if isinstance(at, str) else None
    try:
        for page in pages(_lister(kind, whoop), start=start, next_token=next_token):
            enough = page.next_token is None or (not first and _reaches(page, attempt.since))
            _keep_page(kind, page, attempt, cursor=READ if enough else str(page.next_token))
            if enough:
                break
    except MissingScope:
        return False
    return True


def _keep_page(kind: RecordKind, page: RawPage, attempt: Attempt, *, cursor: str) -> None:
    """Store a page in one transaction with the cursor behind it."""
    with unit_of_work():
        storing.move_cursor(attempt.link, kind.value, cursor)
        storing.store_page(attempt.link, attempt.run_id, kind, page.records, now=attempt.now)


def _lister(kind: RecordKind, whoop: WhoopClient) -> PageOf:
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


def _read_body(whoop: WhoopClient, attempt: Attempt) -> Link:
    """Ask for the weight once in a while: WHOOP keeps no history and announces no change."""
    link, now = attempt.link, attempt.now
    asked = link.cursors.get("measured_on")
    if isinstance(asked, str) and now - datetime.fromisoformat(asked) < BODY_EVERY:
        return link
    try:
        body = whoop.body_measurement()
    except MissingScope:
        return link
    kind, moment = RecordKind.BODY_MEASUREMENT, now.isoformat()
    here = now.astimezone(ZoneInfo(link.timezone))  # it belongs to the client's own date
    with unit_of_work():
        storing.move_cursor(link, "measured_on", moment)
        storing.store_page(link, attempt.run_id, kind, [body] if body else [], now=here)
    return replace(link, cursors={**link.cursors, "measured_on": moment})
