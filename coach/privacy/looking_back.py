"""Reads the audit log: who saw or did what, of one client or in the whole organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from coach.accounts.audit import LOOKS_AT_MANY
from coach.accounts.models import AuditEntry, Client, Membership
from coach.database.tenancy import current_organisation
from coach.extensions import db

# Whose details may name people or groups of a look; all of them are ids or our own words.
VIEWS = ("client_viewed", *LOOKS_AT_MANY, "client_exported")
A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `who` and `whom` are names, None for people who are gone."""

    at: datetime
    actor_id: UUID | None
    who: str | None
    action: str
    subject_id: UUID | None
    whom: str | None
    details: Mapping[str, object]

    @property
    def groups(self) -> list[str]:
        """Name the field groups that were to be seen."""
        found = self.details.get("groups")
        return [str(each) for each in found] if isinstance(found, list) else []

    @property
    def page(self) -> str:
        return str(self.details.get("page", ""))


def about(client_id: UUID) -> ColumnElement[bool]:
    """Choose the entries about a client; a look at many of them at once has them in its list."""
    in_list = and_(
        AuditEntry.subject_id.is_(None),
        AuditEntry.action.in_(LOOKS_AT_MANY),
        AuditEntry.details.contains({"clients": [str(client_id)]}),
    )
    here = AuditEntry.organisation_id == current_organisation()
    return and_(here, or_(AuditEntry.subject_id == client_id, in_list))


def of_client(
    client_id: UUID, *, but: UUID | None = None, before: datetime | None = None
) -> list[Entry]:
    """List what others saw and did of a client, newest first, a page of it."""
    chosen = _entries().where(about(client_id), AuditEntry.actor_id.is_not(None))
    chosen = chosen.where(AuditEntry.actor_id != but) if but else chosen
    return _read(_page(chosen, before))


def of_organisation(before: datetime | None = None) -> list[Entry]:
    """List all that was done here, newest first, a page of it."""
    here = AuditEntry.organisation_id == current_organisation()
    return _read(_page(_entries().where(here), before))


def who_saw(client_id: UUID, since: datetime, until: datetime) -> list[Entry]:
    """List every look at a client in a span of time, oldest first, however many there were."""
    span = AuditEntry.created_at.between(since, until)
    looks = _entries().where(about(client_id), AuditEntry.action.in_(VIEWS), span)
    return _read(looks.order_by(AuditEntry.created_at, AuditEntry.id))


def _entries() -> Select[AuditEntry, str | None, str | None]:
    actor = and_(
        Membership.organisation_id == AuditEntry.organisation_id,
        Membership.user_id == AuditEntry.actor_id,
    )
    whom = and_(
        Client.organisation_id == AuditEntry.organisation_id, Client.id == AuditEntry.subject_id
    )
    return (
        select(AuditEntry, Membership.name, Client.name)
        .join(Membership, actor, isouter=True)
        .join(Client, whom, isouter=True)
    )


def _page(
    chosen: Select[AuditEntry, str | None, str | None], before: datetime | None
) -> Select[AuditEntry, str | None, str | None]:
    older = chosen.where(AuditEntry.created_at < func.coalesce(before, func.now()))
    newest_first = (AuditEntry.created_at.desc(), AuditEntry.id.desc())
    return older.order_by(*newest_first).limit(A_PAGE)


def _read(chosen: Select[AuditEntry, str | None, str | None]) -> list[Entry]:
    return [
        Entry(it.created_at, it.actor_id, who, it.action, it.subject_id, whom, it.details)
        for it, who, whom in db.session.execute(chosen)
    ]
