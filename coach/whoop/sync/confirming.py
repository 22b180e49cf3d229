"""What WHOOP says of one thing alone: what is there is stored, and a 404 says that it is gone.

Asked for by id is what was announced as deleted, what a list has not shown, and what lies further
back than the lists reach.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from coach.whoop.client import WhoopClient
from coach.whoop.errors import MissingScope
from coach.whoop.payloads import RawRecord, RecordKind, Sleep
from coach.whoop.sync import fencing, storing
from coach.whoop.sync.fencing import Link
from coach.whoop.webhook import Announcement
from coach.work.leases import unit_of_work

# What is found of one thing: its kind and id, and the record, if there is one.
Finding: TypeAlias = tuple[RecordKind, str, RawRecord | None]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A workout, a cycle, or a sleep with the recovery that goes with it, to be asked for by id."""

    kind: RecordKind
    id: str

    @classmethod
    def of(cls, kind: str, object_id: str) -> "Doubt | None":
        """Name the thing that an id stands for; a recovery goes by its sleep. None for nonsense."""
        asked = RecordKind.SLEEP if kind == RecordKind.RECOVERY else RecordKind(kind)
        try:
            known = str(int(object_id) if asked is RecordKind.CYCLE else UUID(object_id))
        except ValueError:
            return None
        return cls(asked, known)


def doubts(announced: Mapping[UUID, Announcement]) -> dict[Doubt, set[UUID]]:
    """Name each thing that was announced as deleted, once, with all announcements of it."""
    said_of: dict[Doubt, set[UUID]] = defaultdict(set)
    deleted: set[Doubt] = set()
    for event, said in announced.items():
        what, _, how = said.type.partition(".")
        if doubt := Doubt.of(what, said.object_id):
            said_of[doubt].add(event)
            deleted |= {doubt} if how == "deleted" else set()
    return {doubt: events for doubt, events in said_of.items() if doubt in deleted}


def settle(doubt: Doubt, whoop: WhoopClient, link: Link, *, now: datetime) -> bool:
    """Store what is still there, bury what is gone; whether it was. Raises WhoopError, or Gone."""
    try:
        found = list(_look(doubt, whoop))
    except MissingScope:
        return False  # then we hold none of it
    with unit_of_work():
        fencing.check(link)
        for kind, object_id, record in found:
            if record is None:
                storing.bury(link, kind, object_id, now=now)
            else:
                storing.remember(link, storing.store_records(link, kind, [record], now=now))
    return found[0][-1] is None


def _look(doubt: Doubt, whoop: WhoopClient) -> Iterator[Finding]:
    """Ask for one thing; itself comes first."""
    if doubt.kind is RecordKind.WORKOUT:
        yield doubt.kind, doubt.id, whoop.workout(UUID(doubt.id))
    elif doubt.kind is RecordKind.CYCLE:
        yield doubt.kind, doubt.id, whoop.cycle(int(doubt.id))
    else:
        yield from _night(doubt, whoop)


def _night(doubt: Doubt, whoop: WhoopClient) -> Iterator[Finding]:
    """Ask for a sleep, its recovery and its cycle."""
    sleep = whoop.sleep(UUID(doubt.id))
    yield RecordKind.SLEEP, doubt.id, sleep
    if sleep is None:  # a recovery goes with its sleep
        yield RecordKind.RECOVERY, doubt.id, None
        return
    cycle_id = sleep.get("cycle_id")
    if not isinstance(cycle_id, int):
        return
    try:
        yield RecordKind.RECOVERY, doubt.id, _recovery(doubt, sleep, cycle_id, whoop)
        yield RecordKind.CYCLE, str(cycle_id), whoop.cycle(cycle_id)
    except MissingScope:
        return


def _recovery(
    doubt: Doubt, sleep: RawRecord, cycle_id: int, whoop: WhoopClient
) -> RawRecord | None:
    """Find the recovery of a sleep by its cycle; if that has another sleep's, in the list."""
    recovery = whoop.cycle_recovery(cycle_id)
    if recovery is None or recovery.get("sleep_id") == doubt.id:
        return recovery
    told, _ = Sleep.parse(sleep)
    if told is None or told.end is None:
        return None
    page = whoop.recoveries(start=told.start, end=told.end + timedelta(seconds=1))
    return next((each for each in page.records if each.get("sleep_id") == doubt.id), None)
