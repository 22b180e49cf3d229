"""What a link remembers between two calls (pure): what a sync has to read, and how far it is.

`Integration.cursors` is one JSON object. What belongs to one sync goes when it ends; what is listed
in LASTING stays until the next link.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from coach.whoop.payloads import RecordKind

Cursors: TypeAlias = dict[str, object]

LISTS = (RecordKind.CYCLE, RecordKind.SLEEP, RecordKind.RECOVERY, RecordKind.WORKOUT)
# A list that is to be read from its top, and one that was read; in between stands WHOOP's own mark.
TOP, READ = "top", "read"
# What one sync is about: why, since when, what it changed, which things it must find or ask for.
TRIGGER, SINCE, CHANGED, SOUGHT = "trigger", "since", "changed_since", "sought"
# When each list was last read and last read far back; when WHOOP was found silent; since when
# something waits for its score.
READ_AT, REVIEWED_AT, MISSED_AT, PENDING_SINCE = (
    "read_at",
    "reviewed_at",
    "missed_at",
    "pending_since",
)
MEASURED_ON = "measured_on"
LASTING = (READ_AT, REVIEWED_AT, MISSED_AT, PENDING_SINCE, MEASURED_ON)


def asked_for(
    cursors: Mapping[str, object],
    kinds: Iterable[RecordKind],
    *,
    trigger: str,
    sought: Iterable[str] = (),
    again: bool = False,
) -> Cursors:
    """Add a request to what is asked already; `again` also to lists that were read since."""
    marks: Cursors = {kind.value: TOP for kind in kinds}
    joined = {**cursors, **marks} if again else {**marks, **cursors}
    wanted = sorted({*sought_in(cursors), *sought})
    return {TRIGGER: trigger, **joined, **({SOUGHT: wanted} if wanted else {})}


def reaching_back(cursors: Cursors, since: datetime) -> Cursors:
    """Let a sync that was asked for read back to a moment, or further if it does so already."""
    before = moment_of(cursors, SINCE)
    if before is not None and before <= since:
        return cursors
    return {**cursors, SINCE: since.isoformat()}


def unread(cursors: Mapping[str, object]) -> dict[RecordKind, str]:
    """List what is still to be read, each with the mark to go on from."""
    marks = {kind: cursors.get(kind.value) for kind in LISTS}
    return {kind: str(mark) for kind, mark in marks.items() if mark not in {None, READ}}


def sought_in(cursors: Mapping[str, object]) -> list[str]:
    """List the things, as `kind:id`, that must be seen in a list or be asked for by their ids."""
    found = cursors.get(SOUGHT)
    return [str(each) for each in found] if isinstance(found, list) else []


def moment_of(cursors: Mapping[str, object], name: str) -> datetime | None:
    """Read one moment."""
    found = cursors.get(name)
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def moments_of(cursors: Mapping[str, object], name: str) -> dict[RecordKind, datetime]:
    """Read a moment for each list."""
    found = cursors.get(name)
    told = found if isinstance(found, dict) else {}
    return {RecordKind(kind): datetime.fromisoformat(moment) for kind, moment in told.items()}


def ended(
    cursors: Mapping[str, object], *, reviewed: Iterable[RecordKind], now: datetime
) -> Cursors:
    """Keep what outlives a sync: that its lists were read `now`, and which of them far back."""
    kept = {name: cursors[name] for name in LASTING if name in cursors}
    read = [kind for kind in LISTS if cursors.get(kind.value) == READ]
    far_back = [kind for kind in reviewed if kind in read]
    for name, kinds in ((READ_AT, read), (REVIEWED_AT, far_back)):
        before = moments_of(cursors, name)
        after = {**before, **dict.fromkeys(kinds, now)}
        kept[name] = {kind.value: moment.isoformat() for kind, moment in after.items()}
    return kept
