"""Who is in this organisation: lists for the people page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import invitations
from coach.accounts.access import Viewer
from coach.accounts.models import (
    Client,
    CoachClient,
    Invitation,
    Membership,
    Organisation,
    Role,
    User,
)
from coach.accounts.passwords import hash_password
from coach.accounts.people import assign
from coach.extensions import db
from coach.ids import new_id


@dataclass(frozen=True, slots=True)
class People:
    """Everything the people page shows."""

    staff: list[Membership]
    clients: list[Client]
    coaches_of: dict[UUID, list[str]]
    invitations: list[tuple[Invitation, str]]
    membership_of: dict[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Pairing:
    """A coach (by membership) and a client to bring together."""

    client_id: UUID
    coach_id: UUID

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Self | None:
        """Read both ids; None when one of them is no id."""
        try:
            return cls(UUID(form.get("client_id", "")), UUID(form.get("coach_id", "")))
        except ValueError:
            return None


class HasPassword(Exception):
    """The account came into being in the meantime, with a password of its own."""


def people(*, by: Viewer) -> People:
    """Gather staff, clients, who coaches whom, and open invitations with their links."""
    clients = list(db.session.scalars(by.clients().order_by(Client.name)))
    pending = invitations.pending(by=by)
    return People(
        staff=_staff(by),
        clients=clients,
        coaches_of=_coaches_of(by),
        invitations=[(each, invitations.link(each)) for each in pending],
        membership_of=_membership_of(by),
    )


def pair(chosen: Pairing, *, by: Viewer) -> bool:
    """Let a coach of this organisation coach a client of it; False when either is absent."""
    coach = next((member for member in _staff(by) if member.id == chosen.coach_id), None)
    client = db.session.scalar(by.clients().where(Client.id == chosen.client_id))
    if coach is None or client is None:
        return False
    assign(client_id=client.id, coach_id=coach.id, by=by.user_id)
    return True


def account_of(email: str) -> User | None:
    """Find the account behind an e-mail."""
    return db.session.scalar(select(User).where(User.email == email.lower()))


def has_password(email: str) -> bool:
    """Tell whether somebody with this e-mail can already sign in."""
    account = account_of(email)
    return account is not None and account.password_hash is not None


def open_account(email: str, password: str) -> User:
    """Make the account, or give a passwordless one its first password; raises HasPassword."""
    row = insert(User).values(
        id=new_id(), email=email.lower(), password_hash=hash_password(password)
    )
    opened = row.on_conflict_do_update(
        index_elements=[User.email],
        set_={"password_hash": row.excluded.password_hash},
        where=User.password_hash.is_(None),
    )
    user_id = db.session.scalar(opened.returning(User.id))
    if user_id is None:
        raise HasPassword
    return db.session.get_one(User, user_id, populate_existing=True)


def organisation_name(organisation_id: UUID) -> str:
    """Name the organisation we act for."""
    return db.session.get_one(Organisation, organisation_id).name


def _staff(by: Viewer) -> list[Membership]:
    return list(
        db.session.scalars(
            select(Membership)
            .where(
                Membership.organisation_id == by.organisation_id,
                Membership.role.in_([Role.OWNER, Role.COACH]),
                Membership.removed_at.is_(None),
            )
            .order_by(Membership.name)
        )
    )


def _membership_of(by: Viewer) -> dict[UUID, UUID]:
    here = (Membership.organisation_id == by.organisation_id, Membership.removed_at.is_(None))
    found = db.session.execute(select(Membership.user_id, Membership.id).where(*here))
    return {member.user_id: member.id for member in found}


def _coaches_of(by: Viewer) -> dict[UUID, list[str]]:
    pairs = db.session.execute(
        select(CoachClient.client_id, Membership.name)
        .join(
            Membership,
            (Membership.organisation_id == CoachClient.organisation_id)
            & (Membership.id == CoachClient.coach_id),
        )
        .where(CoachClient.organisation_id == by.organisation_id)
        .order_by(Membership.name)
    )
    coaches: dict[UUID, list[str]] = {}
    for client_id, name in pairs:
        coaches.setdefault(client_id, []).append(name)
    return coaches
