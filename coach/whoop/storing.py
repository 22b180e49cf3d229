"""What a sync writes: pages of records with the cursor behind them, fenced by the generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Integer, Update, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, array

from coach.accounts.models import Client
from coach.database.bulk import Row, upsert_rows
from coach.extensions import db
from coach.whoop.mapping import RecordFacts, describe
from coach.whoop.models import Integration, Status, SyncRun, WhoopRecord
from coach.whoop.payloads import RawRecord, RecordKind
from coach.work.leases import unit_of_work

log = structlog.get_logger()
RECORD_KEY = ("organisation_id", "client_id", "kind", "provider_id")
# What is kept between syncs; all other cursors belong to one sync and go when it ends.
LASTING = ("measured_on",)
# The cursor of a collection that was read to its end.
READ = "read"
# The cursor that holds the earliest start of what a sync changed.
CHANGED = "changed_since"


class Gone(Exception):
    """The link was cut or replaced while we worked; nothing more may be written."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a sync knows of its integration, as it was when the sync began."""

    id: UUID
    organisation_id: UUID
    client_id: UUID
    whoop_app_id: UUID
    generation: int
    scopes: frozenset[str]
    last_sync: datetime | None
    cursors: dict[str, object]
    timezone: str


def load(integration_id: UUID, organisation_id: UUID) -> Link:
    """Read the integration; raises Gone when it is not to be synced."""
    row = db.session.get(Integration, (organisation_id, integration_id))
    if row is None or row.status == Status.DISCONNECTED or not row.sync_enabled:
        raise Gone
    if row.whoop_app_id is None:
        raise Gone  # never linked
    client = db.session.get_one(Client, (organisation_id, row.client_id))
    return Link(
        id=row.id,
        organisation_id=row.organisation_id,
        client_id=row.client_id,
        whoop_app_id=row.whoop_app_id,
        generation=row.generation,
        scopes=frozenset(row.scopes),
        last_sync=row.last_sync,
        cursors=dict(row.cursors),
        timezone=client.timezone,
    )


def store_page(
    link: Link, run_id: UUID, kind: RecordKind, records: Sequence[RawRecord], *, now: datetime
) -> None:
    """Store one page of records in the running transaction and count it."""
    _count(link, run_id, kind, store_records(link, kind, records, now=now))


def store_records(
    link: Link, kind: RecordKind, records: Sequence[RawRecord], *, now: datetime
) -> int:
    """Store records in the running transaction; a record that cannot be told apart is reported.

    Remembers in the cursor how far back anything changed, because days must follow from there.
    """
    rows: dict[str, Row] = {}  # one statement may not touch a row twice, and pages may overlap
    for raw in records:
        facts, problems = describe(kind, raw, fetched_on=now.date())
        if facts is None:
            log.warning("record_refused", record=kind.value, problems=len(problems))
            continue
        rows[facts.provider_id] = _row(link, kind, raw, facts)
    changed = _changed(link, kind, rows)
    upsert_rows(db.session(), WhoopRecord.__tablename__, changed, key=RECORD_KEY)
    if changed:
        _remember(link, _earliest(link, kind, changed))
    return len(rows)


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
    if rows:
        _remember(link, _earliest(link, kind, rows))


def read_again(link: Link) -> None:
    """Let a sync that has stopped half way read every collection from the top."""
    _write(link, cursors=Integration.cursors.op("-")(array([kind.value for kind in RecordKind])))


def changed_since(link: Link) -> datetime | None:
    """Say how far back this sync changed any record."""
    told = db.session.scalar(select(Integration.cursors[CHANGED].astext).where(*_same(link)))
    return datetime.fromisoformat(told) if told else None


def move_cursor(link: Link, name: str, to: str) -> None:
    """Remember how far a collection is read; raises Gone after a disconnect."""
    change = func.jsonb_build_object(name, to)
    _write(link, cursors=Integration.cursors.op("||")(change))


def check(link: Link) -> None:
    """Hold the integration's row and make sure that it is still the same link; raises Gone."""
    same = db.session.scalar(
        select(Integration.id).where(*_same(link)).with_for_update(key_share=True)
    )
    if same is None:
        raise Gone


def finish(link: Link, *, now: datetime, data_through: datetime | None) -> None:
    """Write down that the integration is up to date; the time is that of this commit."""
    kept = {name: link.cursors[name] for name in LASTING if name in link.cursors}
    _write(
        link,
        last_sync=now,
        data_through=func.greatest(Integration.data_through, data_through),
        status=Status.ACTIVE.value,
        error=None,
        cursors=kept,
    )


def mark(link: Link, status: Status, error: str) -> None:
    """Say that the link needs somebody, and read its lists from their tops next time."""
    pages = [kind.value for kind in RecordKind]
    _write(
        link,
        status=status.value,
        error=error[:200],
        cursors=Integration.cursors.op("-")(array(pages)),
    )


def begin_run(link: Link, run: UUID, *, work_id: UUID | None, trigger: str) -> None:
    """Write down that an attempt begins."""
    db.session.add(
        SyncRun(
            organisation_id=link.organisation_id,
            id=run,
            integration_id=link.id,
            work_id=work_id,
            trigger=trigger,
        )
    )


def end_run(link: Link, run_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Write down how an attempt ended."""
    with unit_of_work():
        db.session.execute(
            _of_run(link, run_id).values(
                ended_at=func.now(), outcome=outcome, error=error and error[:200]
            )
        )


def _write(link: Link, **values: object) -> None:
    written = db.session.execute(
        update(Integration).where(*_same(link)).values(values).returning(Integration.id)
    ).one_or_none()
    if written is None:
        raise Gone


def _same(link: Link) -> tuple[ColumnElement[bool], ...]:
    return (
        Integration.organisation_id == link.organisation_id,
        Integration.id == link.id,
        Integration.generation == link.generation,
        Integration.status != Status.DISCONNECTED,
    )


def _changed(link: Link, kind: RecordKind, rows: dict[str, Row]) -> list[Row]:
    """Leave out what is stored just so."""
    known = select(WhoopRecord.provider_id, WhoopRecord.raw).where(
        *_of_kind(link, kind),
        WhoopRecord.provider_id.in_(rows),
        WhoopRecord.deleted_at.is_(None),
    )
    stored = {found.provider_id: found.raw for found in db.session.execute(known)}
    return [row for key, row in rows.items() if stored.get(key) != row["raw"]]


def _earliest(link: Link, kind: RecordKind, rows: Sequence[Row]) -> str | None:
    """Find the earliest start of some records; a recovery begins when its cycle does."""
    if kind is not RecordKind.RECOVERY:
        return min((str(row["starts_at"]) for row in rows if row["starts_at"]), default=None)
    cycles = {str(raw.get("cycle_id")) for row in rows if isinstance(raw := row["raw"], dict)}
    first = db.session.scalar(
        select(func.min(WhoopRecord.starts_at)).where(
            *_of_kind(link, RecordKind.CYCLE), WhoopRecord.provider_id.in_(cycles)
        )
    )
    return _text(first)


def _remember(link: Link, start: str | None) -> None:
    if start is not None:
        earliest = func.least(Integration.cursors[CHANGED].astext, start)
        _write(
            link, cursors=Integration.cursors.op("||")(func.jsonb_build_object(CHANGED, earliest))
        )


def _of_kind(link: Link, kind: RecordKind) -> tuple[ColumnElement[bool], ...]:
    return (
        WhoopRecord.organisation_id == link.organisation_id,
        WhoopRecord.client_id == link.client_id,
        WhoopRecord.kind == kind,
    )


def _row(link: Link, kind: RecordKind, raw: RawRecord, facts: RecordFacts) -> Row:
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


def _count(link: Link, run_id: UUID, kind: RecordKind, records: int) -> None:
    known = func.coalesce(cast(SyncRun.counts[kind.value].astext, Integer), 0)
    counted = func.jsonb_build_object(kind.value, known + records)
    db.session.execute(
        _of_run(link, run_id).values(
            counts=SyncRun.counts.op("||")(cast(counted, JSONB)), calls=SyncRun.calls + 1
        )
    )


def _of_run(link: Link, run_id: UUID) -> Update:
    return update(SyncRun).where(
        SyncRun.organisation_id == link.organisation_id, SyncRun.id == run_id
    )
