"""Is what was announced as deleted really gone? WHOOP is asked, and only a 404 says so."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coach.whoop import storing
from coach.whoop.client import WhoopClient
from coach.whoop.errors import MissingScope
from coach.whoop.payloads import RawRecord, RecordKind
from coach.whoop.storing import Link
from coach.whoop.webhook import Announcement
from coach.work.leases import unit_of_work


@dataclass(frozen=True, slots=True)
class Doubt:
    """A workout, or a sleep with the recovery that goes with it, that may be gone."""

    kind: RecordKind
    id: UUID


def doubts(announced: Mapping[UUID, Announcement]) -> dict[Doubt, set[UUID]]:
    """Name each thing that was announced as deleted, once, with the announcements that say so."""
    found: dict[Doubt, set[UUID]] = defaultdict(set)
    for event, said in announced.items():
        what, _, how = said.type.partition(".")
        if how == "deleted" and (object_id := _uuid(said.object_id)):
            kind = RecordKind.WORKOUT if what == "workout" else RecordKind.SLEEP
            found[Doubt(kind, object_id)].add(event)
    return found


def settle(doubt: Doubt, whoop: WhoopClient, link: Link, *, now: datetime) -> None:
    """Store what is still there, bury what is gone; raises WhoopError, or Gone."""
    try:
        found = _look(doubt, whoop)
    except MissingScope:
        return  # then we hold none of it
    with unit_of_work():
        storing.check(link)
        for kind, record in found.items():
            if record is None:
                storing.bury(link, kind, str(doubt.id), now=now)
            else:
                storing.store_records(link, kind, [record], now=now)


def _look(doubt: Doubt, whoop: WhoopClient) -> dict[RecordKind, RawRecord | None]:
    if doubt.kind is RecordKind.WORKOUT:
        return {RecordKind.WORKOUT: whoop.workout(doubt.id)}
    sleep = whoop.sleep(doubt.id)
    if sleep is None:  # a recovery goes with its sleep
        return {RecordKind.RECOVERY: None, RecordKind.SLEEP: None}
    return {RecordKind.SLEEP: sleep, **_recovery(doubt, sleep, whoop)}


def _recovery(
    doubt: Doubt, sleep: RawRecord, whoop: WhoopClient
) -> dict[RecordKind, RawRecord | None]:
    """Find the recovery of a sleep by its cycle; that of another sleep says nothing of ours."""
    cycle_id = sleep.get("cycle_id")
    if not isinstance(cycle_id, int):
        return {}
    try:
        recovery = whoop.cycle_recovery(cycle_id)
    except MissingScope:
        return {}
    ours = recovery is None or recovery.get("sleep_id") == str(doubt.id)
    return {RecordKind.RECOVERY: recovery} if ours else {}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
