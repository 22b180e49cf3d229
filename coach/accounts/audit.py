"""Who did or saw what: append-only, ids only, written in the transaction of the deed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from coach.accounts.models import AuditEntry
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id

# Looks at a list of clients, each of whom may read of it.
LOOKS_AT_MANY = ("roster_viewed", "weeks_viewed", "alerts_viewed")
# Who comes back to the same page so soon is still at it.
ONE_LOOK = timedelta(minutes=15)


def record(
    action: str,
    *,
    by: UUID | None,
    subject: UUID | None = None,
    details: Mapping[str, str | int | list[str]] | None = None,
) -> None:
    """Record a deed in the organisation we act for; `details` may hold ids and counts only."""
    db.session.add(
        AuditEntry(
            organisation_id=_here(),
            actor_id=by,
            action=action,
            subject_id=subject,
            details=dict(details or {}),
        )
    )


def viewed(page: str, client_id: UUID, groups: Collection[str], *, by: UUID) -> None:
    """Record that somebody opened a page of a client, where they might see these field groups."""
    _look("client_viewed", by, client_id, {"page": page, "groups": sorted(groups)})


def roster_viewed(client_ids: Sequence[UUID], *, by: UUID) -> None:
    """Record who was seen in one look at the roster, if anything of anybody was."""
    many_viewed("roster_viewed", client_ids, by=by)


def many_viewed(action: str, client_ids: Collection[UUID], *, by: UUID) -> None:
    """Record who was seen in one look at many (`LOOKS_AT_MANY`), if anything of anybody was."""
    if client_ids:
        _look(action, by, None, {"clients": sorted(map(str, client_ids))})


def _look(action: str, by: UUID, subject: UUID | None, seen: dict[str, str | list[str]]) -> None:
    """Record a look, unless one of the last minutes saw at least as much."""
    known = select(AuditEntry.id).where(
        AuditEntry.organisation_id == _here(),
        AuditEntry.subject_id.is_(None) if subject is None else AuditEntry.subject_id == subject,
        AuditEntry.created_at > func.now() - ONE_LOOK,
        AuditEntry.actor_id == by,
        AuditEntry.action == action,
        AuditEntry.details.contains(seen),
    )
    row = {
        "organisation_id": literal(_here(), Uuid),
        "id": literal(new_id(), Uuid),
        "actor_id": literal(by, Uuid),
        "action": literal(action),
        "subject_id": literal(subject, Uuid),
        "details": literal(seen, JSONB),
    }
    db.session.execute(
        insert(AuditEntry).from_select(list(row), select(*row.values()).where(~known.exists()))
    )


def _here() -> UUID:
    organisation_id = current_organisation()
    if organisation_id is None:
        raise RuntimeError("an audit entry needs an organisation to act for")
    return organisation_id
