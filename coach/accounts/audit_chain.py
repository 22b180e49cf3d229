"""Seals the audit log into one chain of hashes per organisation, and finds what was tampered with.

Whoever writes an entry takes no lock and knows nothing of this: entries are numbered when they are
sealed, in the order of their ids, so one that was committed late is sealed late. A seal outlives its
entry, which is how a missing one is seen. Somebody with the owner's role could seal everything
anew: the newest seal is therefore logged each time, and `verify` tells whether it still stands.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Row, and_, func, select

from coach.accounts.models import AuditEntry, AuditSeal
from coach.accounts.organisations import every_organisation
from coach.database import bulk
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db

log = structlog.get_logger()

BATCH = 5_000
# What a transaction that began so long ago still commits is sealed; older news is suspicious.
LATE = timedelta(days=1)
# A scheduler that stands still is noticed elsewhere; here it must not look like a forgery.
SEALED_WITHIN = timedelta(hours=1)
BEFORE_ALL = "0" * 64


class Wrong(StrEnum):
    """What can be wrong with a place in the chain."""

    CHANGED = "changed"  # the entry is not what was sealed
    MISSING = "missing"  # the entry, or its seal, is gone
    REORDERED = "reordered"  # the seal does not follow from the one before it
    UNSEALED = "unsealed"  # the entry was slipped in later


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the log is not what it was; `number` counts seals from 1."""

    wrong: Wrong
    number: int | None
    entry_id: UUID | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal: how many there are, and the hash that stands for all of them."""

    number: int = 0
    chain_hash: str = BEFORE_ALL


def seal_all() -> int:
    """Seal what is new in every organisation; how many entries that were."""
    sealed = 0
    for organisation_id in every_organisation():
        act_for(organisation_id, user_id=None, session=db.session())
        while (count := seal(organisation_id)) == BATCH:
            sealed += count
        sealed += count
    act_for_nobody()
    return sealed


def seal(organisation_id: UUID) -> int:
    """Seal the oldest new entries of the organisation we act for, in a transaction of its own."""
    count = _seal(organisation_id) if _alone(organisation_id) else 0
    db.session.commit()
    return count


def head(organisation_id: UUID) -> Head:
    """Give the newest seal of an organisation."""
    return _head(_newest(organisation_id))


def verify(organisation_id: UUID) -> Iterator[Fault]:
    """Compare each entry with its seal, and each seal with the one before it, oldest first."""
    before = Head()
    while found := _sealed(organisation_id, after=before.number):
        for sealed, entry in found:
            yield from _faults(before, sealed, entry)
            before = Head(sealed.number, sealed.chain_hash)
    yield from (Fault(Wrong.UNSEALED, None, each) for each in _never_sealed(organisation_id))


def stands(organisation_id: UUID, anchor: Head) -> bool:
    """Tell whether a seal that was written down elsewhere is still part of the chain."""
    mine = (AuditSeal.organisation_id == organisation_id, AuditSeal.number == anchor.number)
    return db.session.scalar(select(AuditSeal.chain_hash).where(*mine)) == anchor.chain_hash


def _seal(organisation_id: UUID) -> int:
    newest = _newest(organisation_id)
    entries = _new_entries(organisation_id, newest)
    rows = list(_links(_head(newest), entries))
    bulk.insert_rows(db.session(), "audit_seals", rows)
    if rows:
        last = {"number": rows[-1]["number"], "chain_hash": rows[-1]["chain_hash"]}
        log.info("audit_sealed", organisation=str(organisation_id), **last)
    return len(rows)


def _alone(organisation_id: UUID) -> bool:
    """Let one scheduler at a time seal an organisation; the others do not wait."""
    key = func.hashtextextended(f"audit {organisation_id}", 0)
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def _newest(organisation_id: UUID) -> AuditSeal | None:
    mine = select(AuditSeal).where(AuditSeal.organisation_id == organisation_id)
    return db.session.scalar(mine.order_by(AuditSeal.number.desc()).limit(1))


def _head(newest: AuditSeal | None) -> Head:
    return Head(newest.number, newest.chain_hash) if newest else Head()


def _new_entries(organisation_id: UUID, newest: AuditSeal | None) -> Sequence[AuditEntry]:
    chosen = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id, ~_has_seal())
    if newest is not None:
        chosen = chosen.where(AuditEntry.id > _a_day_before(newest.entry_id))
    return db.session.scalars(chosen.order_by(AuditEntry.id).limit(BATCH)).all()


def _a_day_before(entry_id: UUID) -> UUID:
    """Give the least UUID v7 of a day earlier: their first 48 bits are milliseconds."""
    milliseconds = (entry_id.int >> 80) - LATE // timedelta(milliseconds=1)
    return UUID(int=max(milliseconds, 0) << 80)


def _links(before: Head, entries: Sequence[AuditEntry]) -> Iterator[bulk.Row]:
    for number, entry in enumerate(entries, start=before.number + 1):
        row_hash = _row_hash(entry)
        before = Head(number, _chain_hash(number, before.chain_hash, row_hash))
        yield {
            "organisation_id": str(entry.organisation_id),
            "number": number,
            "entry_id": str(entry.id),
            "row_hash": row_hash,
            "chain_hash": before.chain_hash,
        }


def _faults(before: Head, sealed: AuditSeal, entry: AuditEntry | None) -> Iterator[Fault]:
    for number in range(before.number + 1, sealed.number):
        yield Fault(Wrong.MISSING, number, None)
    if entry is None:
        yield Fault(Wrong.MISSING, sealed.number, sealed.entry_id)
    elif _row_hash(entry) != sealed.row_hash:
        yield Fault(Wrong.CHANGED, sealed.number, sealed.entry_id)
    followed = _chain_hash(sealed.number, before.chain_hash, sealed.row_hash)
    if sealed.number == before.number + 1 and followed != sealed.chain_hash:
        yield Fault(Wrong.REORDERED, sealed.number, sealed.entry_id)


def _sealed(organisation_id: UUID, *, after: int) -> Sequence[Row[AuditSeal, AuditEntry | None]]:
    entry = and_(
        AuditEntry.organisation_id == AuditSeal.organisation_id, AuditEntry.id == AuditSeal.entry_id
    )
    chosen = (
        select(AuditSeal, AuditEntry)
        .join(AuditEntry, entry, isouter=True)
        .where(AuditSeal.organisation_id == organisation_id, AuditSeal.number > after)
        .order_by(AuditSeal.number)
        .limit(BATCH)
    )
    db.session.expunge_all()  # a long log must not pile up in memory
    return db.session.execute(chosen).all()


def _never_sealed(organisation_id: UUID) -> Sequence[UUID]:
    old = AuditEntry.created_at < func.now() - SEALED_WITHIN
    chosen = select(AuditEntry.id).where(
        AuditEntry.organisation_id == organisation_id, old, ~_has_seal()
    )
    return db.session.scalars(chosen.order_by(AuditEntry.id)).all()


def _has_seal() -> ColumnElement[bool]:
    mine = and_(
        AuditSeal.organisation_id == AuditEntry.organisation_id, AuditSeal.entry_id == AuditEntry.id
    )
    return select(AuditSeal.number).where(mine).exists()


def _row_hash(entry: AuditEntry) -> str:
    """Hash all that an entry says, in one spelling: UTC, ids as text, names sorted."""
    said = {
        "organisation_id": str(entry.organisation_id),
        "id": str(entry.id),
        "at": entry.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": str(entry.actor_id or ""),
        "action": entry.action,
        "subject_id": str(entry.subject_id or ""),
        "details": entry.details,
    }
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _chain_hash(number: int, before: str, row_hash: str) -> str:
    return sha256(f"{number}\n{before}\n{row_hash}".encode()).hexdigest()
