"""Scores that WHOOP still owes us: looked for at slots of their own, ever less often, until told."""

from datetime import datetime

from coach.whoop.sync import comparing, planning
from coach.whoop.sync.cursors import PENDING_SINCE, Cursors, moment_of
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.planning import Request
from coach.work import slots

SLOT = "whoop_score"


def follow(link: Link, cursors: Cursors, *, now: datetime) -> Cursors:
    """Plan the next look, in the running transaction, if anything waits; the cursors after it."""
    if not comparing.without_score(link):
        if PENDING_SINCE in cursors:
            slots.forget(SLOT, subject_id=link.id)
        return {name: value for name, value in cursors.items() if name != PENDING_SINCE}
    since = moment_of(cursors, PENDING_SINCE) or now
    if not slots.is_planned(SLOT, subject_id=link.id):  # other syncs do not put it off
        slots.plan(
            SLOT,
            subject_id=link.id,
            organisation_id=link.organisation_id,
            due_at=planning.next_look(since, now=now),
        )
    return {**cursors, PENDING_SINCE: since.isoformat()}


def owed(link: Link) -> Request:
    """Say what to ask for: the lists of what waits, and by its id what lies further back."""
    request = Request()
    for kind, ids in comparing.without_score(link).items():
        far = comparing.out_of_reach(link, kind, ids)
        lists = {kind} if far != set(ids) else set()
        request |= Request(frozenset(lists), frozenset(f"{kind}:{each}" for each in far))
    return request
