"""Who did or saw what: append-only, ids only, written in the transaction of the deed."""

from collections.abc import Mapping
from uuid import UUID

from coach.accounts.models import AuditEntry
from coach.database.tenancy import current_organisation
from coach.extensions import db


def record(
    action: str,
    *,
    by: UUID | None,
    subject: UUID | None = None,
    details: Mapping[str, str | int | list[str]] | None = None,
) -> None:
    """Record a deed in the organisation we act for; `details` may hold ids and counts only."""
    organisation_id = current_organisation()
    if organisation_id is None:
        raise RuntimeError("an audit entry needs an organisation to act for")
    db.session.add(
        AuditEntry(
            organisation_id=organisation_id,
            actor_id=by,
            action=action,
            subject_id=subject,
            details=dict(details or {}),
        )
    )
