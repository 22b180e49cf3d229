"""One sync of one link from beginning to end: what is left to read, reading it, and what follows.

What to read stands in the link's cursors, so that a second request joins a sync that is open. After
a disconnect nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from coach.database.writes import Writes
from coach.days.calendar import NEIGHBOURHOOD
from coach.extensions import settings
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.models import Outcome, Trigger
from coach.whoop.payloads import RecordKind
from coach.whoop.quota.pace import Pace, is_busy
from coach.whoop.sync import (
    calling,
    comparing,
    confirming,
    cursors,
    fencing,
    history,
    lists,
    planning,
    runs,
    scores,
)
from coach.whoop.sync.confirming import Doubt
from coach.whoop.sync.cursors import LISTS, TOP, Cursors, moments_of
from coach.whoop.sync.deriving import derive
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.lists import OVERLAP, Attempt
from coach.work.leases import mark_ours_done, unit_of_work
from coach.work.models import Lane


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to be asked: lists, each with its mark, and things by their ids, `kind:id`."""

    lists: Mapping[RecordKind, str]
    sought: Sequence[str] = ()


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
    planned = max(len(unread) + lists.wants_body(link, now), 1)
    pace = Pace(link.whoop_app_id, lane, planned=planned)
    try:
        return _catch_up(_attempt(link, run_id, pace, now=now), Left(unread))
    finally:
        pace.give_back()


def _catch_up(attempt: Attempt, left: Left) -> Outcome:
    complete = _read(left, attempt)
    if lists.wants_body(attempt.link, attempt.now):
        lists.read_body(attempt)
    while True:
        outcome = Outcome.COMPLETE if complete else Outcome.PARTIAL
        more = _finish(attempt, outcome)
        if more is None:
            return outcome
        complete = _read(more, attempt) and complete


def _attempt(link: Link, run_id: UUID, pace: Pace, *, now: datetime) -> Attempt:
    keeper = TokenKeeper(link.id, link.organisation_id, link.scopes)
    whoop = calling.connect_at(pace, keeper)
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
    if unread := cursors.unread(known):
        return Left(unread)
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
    granted = [lists.read(kind, mark, attempt) for kind, mark in left.lists.items()]
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
