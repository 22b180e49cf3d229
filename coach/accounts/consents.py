"""A client's consent to share field groups with their coaches, given and withdrawn."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.models import Consent, FieldGroup
from coach.accounts.sharing import TEXT_VERSION
from coach.extensions import db


def share_with_coaches(groups: Collection[FieldGroup], *, by: Viewer) -> None:
    """Let all coaches of this client see these groups; what was given before stays."""
    client_id = by.own_client().id
    for group in groups:
        db.session.execute(
            insert(Consent)
            .values(
                organisation_id=by.organisation_id,
                client_id=client_id,
                field_group=group,
                text_version=TEXT_VERSION,
            )
            .on_conflict_do_nothing()
        )
    audit.record(
        "consent_given", by=by.user_id, subject=client_id, details={"groups": sorted(groups)}
    )


def stop_sharing(groups: Collection[FieldGroup], *, by: Viewer) -> None:
    """Withdraw consent for these groups; it works with the next request of any coach."""
    client_id = by.own_client().id
    db.session.execute(
        update(Consent)
        .where(
            Consent.organisation_id == by.organisation_id,
            Consent.client_id == client_id,
            Consent.field_group.in_(groups),
            Consent.ends_at.is_(None),
        )
        .values(ends_at=func.now())
    )
    audit.record(
        "consent_withdrawn", by=by.user_id, subject=client_id, details={"groups": sorted(groups)}
    )


def shared_groups(client_id: UUID, *, by: Viewer) -> frozenset[FieldGroup]:
    """Say what a client shares with all their coaches now."""
    return frozenset(
        FieldGroup(group)
        for group in db.session.scalars(
            select(Consent.field_group).where(
                Consent.organisation_id == by.organisation_id,
                Consent.client_id == client_id,
                Consent.coach_id.is_(None),
                Consent.ends_at.is_(None),
            )
        )
    )
