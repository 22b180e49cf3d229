"""A client's consent to share field groups with one coach or all, given, ended and withdrawn."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.models import Client, Consent, FieldGroup
from coach.accounts.sharing import TEXT_VERSION
from coach.database.tenancy import current_organisation
from coach.extensions import db

# By coach (None: all of them), then by group: when it ends, if it ends by itself.
Given: TypeAlias = Mapping[UUID | None, Mapping[FieldGroup, datetime | None]]


def agree_to_fetching(client_id: UUID, *, by: Viewer) -> None:
    """Write down that a client agrees to WHOOP's data being fetched and stored: who, when, to what."""
    agreed = {"text_version": TEXT_VERSION}
    audit.record("fetching_agreed", by=by.user_id, subject=client_id, details=agreed)


def share_with_coaches(groups: Collection[FieldGroup], *, by: Viewer) -> None:
    """Let all coaches of this client see these groups; what was given before stays."""
    client_id = _locked_client(by)
    _give(client_id, None, set(groups) - shared_groups(client_id, by=by), None, by=by)


def share_on_paper(client_id: UUID, groups: Collection[FieldGroup], *, by: Viewer) -> None:
    """Let all coaches see these groups of a client who agreed on a page without an account."""
    _give(client_id, None, set(groups) - shared_groups(client_id, by=by), None, by=by)


def decide(
    coach_id: UUID | None, groups: Collection[FieldGroup], ends_at: datetime | None, *, by: Viewer
) -> None:
    """Share exactly these groups with a coach (None: with all), until `ends_at` if it is given.

    What is withdrawn is gone with the next request of any coach.
    """
    client_id = _locked_client(by)
    before = given_by(client_id).get(coach_id, {})
    kept = {group for group in groups if group in before and before[group] == ends_at}
    _end(client_id, coach_id, set(before) - kept, set(before) - set(groups), by=by)
    _give(client_id, coach_id, set(groups) - kept, ends_at, by=by)


def given_by(client_id: UUID) -> Given:
    """Say what a client shares now, with whom and until when."""
    found: dict[UUID | None, dict[FieldGroup, datetime | None]] = {}
    for coach_id, group, ends_at in db.session.execute(
        select(Consent.coach_id, Consent.field_group, Consent.ends_at).where(*_open(client_id))
    ):
        found.setdefault(coach_id, {})[FieldGroup(group)] = ends_at
    return found


def shared_groups(client_id: UUID, *, by: Viewer) -> frozenset[FieldGroup]:
    """Say what a client shares with all their coaches now."""
    found = select(Consent.field_group).where(*_open(client_id), Consent.coach_id.is_(None))
    here = Consent.organisation_id == by.organisation_id
    return frozenset(FieldGroup(group) for group in db.session.scalars(found.where(here)))


def end_all_of(client_id: UUID) -> None:
    """End whatever a client shares, with everybody."""
    db.session.execute(update(Consent).where(*_open(client_id)).values(ends_at=func.now()))


def end_all_for(coach_id: UUID) -> None:
    """End whatever anybody shares with this one coach."""
    theirs = (Consent.organisation_id == current_organisation(), Consent.coach_id == coach_id)
    db.session.execute(update(Consent).where(*theirs, _not_over()).values(ends_at=func.now()))


def _locked_client(by: Viewer) -> UUID:
    """Let one decision of a client follow the other."""
    client_id = by.own_client().id
    mine = (Client.organisation_id == by.organisation_id, Client.id == client_id)
    db.session.execute(select(Client.id).where(*mine).with_for_update(key_share=True))
    return client_id


def _give(
    client_id: UUID,
    coach_id: UUID | None,
    groups: Collection[FieldGroup],
    ends_at: datetime | None,
    *,
    by: Viewer,
) -> None:
    for group in groups:
        db.session.add(
            Consent(
                organisation_id=by.organisation_id,
                client_id=client_id,
                coach_id=coach_id,
                field_group=group,
                ends_at=ends_at,
                text_version=TEXT_VERSION,
            )
        )
    db.session.flush()
    _say("consent_given", client_id, coach_id, groups, by=by)


def _end(
    client_id: UUID,
    coach_id: UUID | None,
    ended: Collection[FieldGroup],
    withdrawn: Collection[FieldGroup],
    *,
    by: Viewer,
) -> None:
    db.session.execute(
        update(Consent)
        .where(
            *_open(client_id),
            Consent.coach_id.is_not_distinct_from(coach_id),
            Consent.field_group.in_(ended),
        )
        .values(ends_at=func.now())
    )
    _say("consent_withdrawn", client_id, coach_id, withdrawn, by=by)


def _say(
    action: str,
    client_id: UUID,
    coach_id: UUID | None,
    groups: Collection[FieldGroup],
    *,
    by: Viewer,
) -> None:
    if groups:
        details: dict[str, str | int | list[str]] = {"groups": sorted(groups)}
        details |= {"coach": str(coach_id), "text": TEXT_VERSION} if coach_id else {}
        audit.record(action, by=by.user_id, subject=client_id, details=details)


def _open(client_id: UUID) -> tuple[ColumnElement[bool], ...]:
    here = Consent.organisation_id == current_organisation()
    return here, Consent.client_id == client_id, _not_over()


def _not_over() -> ColumnElement[bool]:
    return or_(Consent.ends_at.is_(None), Consent.ends_at > func.now())
