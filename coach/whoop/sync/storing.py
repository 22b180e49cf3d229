"""What a sync stores: pages of records, with how far back anything changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

import structlog
from sqlalchemy import ColumnElement, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from coach.database.bulk import Row
from coach.database.writes import Writes
from coach.extensions import db
from coach.whoop.mapping import describe
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RawRecord, RecordKind, ScoreState
from coach.whoop.sync import fencing
from coach.whoop.sync.cursors import CHANGED, Cursors
from coach.whoop.sync.fencing import Link

log = structlog.get_logger()
# What is stored, by its name at WHOOP.
Known: TypeAlias = dict[str, RawRecord]
RECORD_KEY = ("organisation_id", "client_id", "kind", "provider_id")

KNOWN = select(WhoopRecord.provider_id, WhoopRecord.raw).where(
    WhoopRecord.organisation_id == bindparam("owner"),
    WhoopRecord.client_id == bindparam("client"),
    WhoopRecord.kind == bindparam("sort"),
    WhoopRecord.provider_id == func.any(bindparam("names", type_=ARRAY(Text))),
    WhoopRecord.deleted_at.is_(None),
)
_FIRST_OF_CYCLES = select(func.min(WhoopRecord.starts_at)).where(
    WhoopRecord.organisation_id == bindparam("owner"),
    WhoopRecord.client_id == bindparam("client"),
    WhoopRecord.kind == RecordKind.CYCLE,
    WhoopRecord.provider_id == func.any(bindparam("names", type_=ARRAY(Text))),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing some records came to: how many WHOOP told us, and the new and changed rows."""

    told: int
    changed: Sequence[Row]
    earliest: str | None = None

    def remembered(self, cursors: Cursors) -> Cursors:
        """Give the cursor that says how far back anything changed since the days last followed."""
        if self.earliest is None:
            return {}
        before = cursors.get(CHANGED)
        earlier = isinstance(before, str) and before < self.earliest
        return {CHANGED: before if earlier else self.earliest}

    @property
    def counts(self) -> dict[str, int]:
        """How many were told, how many of them were new or changed, how many wait for a score."""
        states = [
            raw.get("score_state")
            for raw in (row["raw"] for row in self.changed)
            if isinstance(raw, dict)
        ]
        pending = states.count(ScoreState.PENDING_SCORE)
        return {"stored": self.told, "changed": len(self.changed), "pending": pending}

    def changed_between(self, after: datetime, before: datetime) -> set[str]:
        """Name what is new or changed here, and became so at WHOOP between two moments."""
        first, last = _text(after) or "", _text(before) or ""
        times = {str(row["provider_id"]): str(row["provider_updated_at"]) for row in self.changed}
        return {name for name, time in times.items() if first < time < last}


def store_records(
    link: Link, kind: RecordKind, records: Sequence[RawRecord], *, now: datetime
) -> Stored:
    """Store records in the running transaction; the caller lets days follow, or has it remembered."""
    writes = Writes()
    stored = compare(link, kind, records, writes, now=now)
    writes.send(db.session())
    return stored


def compare(  # noqa: PLR0913  of whom, what, and what is known already
    link: Link,
    kind: RecordKind,
    records: Sequence[RawRecord],
    writes: Writes,
    *,
    now: datetime,
    known: Known | None = None,
) -> Stored:
    """Find what of some records is to be stored, with other writes; what has no name is reported.

    `known` is what is stored under their names, where it was read already. Days must follow from
    the earliest change on: the caller sees to it, or has it remembered.
    """
    today = now.date()
    named = [(_name(kind, raw, today), raw) for raw in records]
    if known is None:
        known = _known(link, kind, {name for name, _ in named})
    same = {name for name, raw in named if known.get(name) == raw}  # most of a page
    rows: dict[str, Row] = {}  # one statement may not touch a row twice, and pages may overlap
    for name, raw in named:
        if name not in same and (row := _row(link, kind, raw, today)):
            rows[str(row["provider_id"])] = row
    known |= _known(link, kind, rows.keys() - known.keys() - {name for name, _ in named})
    changed = [row for name, row in rows.items() if known.get(name) != row["raw"]]
    writes.upsert(WhoopRecord.__tablename__, changed, key=RECORD_KEY)
    return Stored(len(same | rows.keys()), changed, _earliest(link, kind, changed))


def remember(link: Link, stored: Stored) -> None:
    """Remember in the cursor how far back anything changed, for the days to follow from there."""
    if news := stored.remembered(fencing.check(link)):
        fencing.put(link, news)


def bury(link: Link, kind: RecordKind, provider_id: str, *, now: datetime) -> None:
    """Mark a record as deleted at WHOOP; only WHOOP's own word brings it back."""
    buried = db.session.execute(
        update(WhoopRecord)
        .where(
            *_of_kind(link, kind),
            WhoopRecord.provider_id == provider_id,
            WhoopRecord.deleted_at.is_(None),
        )
        .values(deleted_at=now)
        .returning(WhoopRecord.raw, WhoopRecord.starts_at)
    ).all()
    rows: list[Row] = [{"raw": each.raw, "starts_at": _text(each.starts_at)} for each in buried]
    remember(link, Stored(0, rows, _earliest(link, kind, rows)))


def _known(link: Link, kind: RecordKind, names: Collection[str]) -> Known:
    """Read what is stored under some names."""
    wanted = {"owner": link.organisation_id, "client": link.client_id, "sort": kind.value}
    if not names:
        return {}
    found = db.session.connection().execute(KNOWN, {**wanted, "names": list(names)})
    return {each.provider_id: each.raw for each in found}


def _name(kind: RecordKind, raw: RawRecord, today: date) -> str:
    """Name a record as it is stored, as long as WHOOP writes ids as we do."""
    if kind is RecordKind.BODY_MEASUREMENT:
        return today.isoformat()
    return str(raw.get("sleep_id" if kind is RecordKind.RECOVERY else "id"))


def _earliest(link: Link, kind: RecordKind, rows: Sequence[Row]) -> str | None:
    """Find the earliest start of some records; a recovery begins when its cycle does."""
    if not rows:
        return None
    if kind is not RecordKind.RECOVERY:
        return min((str(row["starts_at"]) for row in rows if row["starts_at"]), default=None)
    cycles = {str(raw.get("cycle_id")) for row in rows if isinstance(raw := row["raw"], dict)}
    place = {"owner": link.organisation_id, "client": link.client_id, "names": list(cycles)}
    return _text(db.session.connection().scalar(_FIRST_OF_CYCLES, place))


def _of_kind(link: Link, kind: RecordKind) -> tuple[ColumnElement[bool], ...]:
    return (
        WhoopRecord.organisation_id == link.organisation_id,
        WhoopRecord.client_id == link.client_id,
        WhoopRecord.kind == kind,
    )


def _row(link: Link, kind: RecordKind, raw: RawRecord, today: date) -> Row | None:
    facts, problems = describe(kind, raw, fetched_on=today)
    if facts is None:
        log.warning("record_refused", record=kind.value, problems=len(problems))
        return None
    return {
        "organisation_id": str(link.organisation_id),
        "client_id": str(link.client_id),
        "kind": kind.value,
        "provider_id": facts.provider_id,
        "raw": raw,
        "starts_at": _text(facts.starts_at),
        "ends_at": _text(facts.ends_at),
        "provider_updated_at": _text(facts.updated_at),
        "deleted_at": None,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None
