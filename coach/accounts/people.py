"""Add people to the organisation we act for, and say who coaches whom."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit, endings
from coach.accounts.models import Client, CoachClient, Membership, Role, User
from coach.accounts.passwords import hash_password
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.web.session import end_sessions


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is about to get an account."""

    email: str
    name: str
    password: str


class AlreadyMember(Exception):
    """The person already belongs to the organisation."""


def user_for(email: str, password: str | None) -> User:
    """Find the account of an e-mail or make it; an existing one keeps its password."""
    user = db.session.scalar(select(User).where(User.email == email.lower()))
    if user is None:
        hashed = hash_password(password) if password else None
        user = User(id=new_id(), email=email.lower(), password_hash=hashed)
        db.session.add(user)
        db.session.flush()
    return user


def add_member(
    user: User, *, name: str, role: Role, timezone: str = "UTC", by: UUID | None = None
) -> Membership:
    """Make somebody a member, and a client when that is their role; raises AlreadyMember."""
    organisation_id = _here()
    member = db.session.scalar(
        select(Membership).where(
            Membership.organisation_id == organisation_id, Membership.user_id == user.id
        )
    )
    if member is not None and member.removed_at is None:
        raise AlreadyMember(f"{user.email} already belongs to this organisation")
    if member is None:
        member = Membership(id=new_id(), organisation_id=organisation_id, user_id=user.id)
        db.session.add(member)
    else:
        end_sessions(user.id)  # those of the former role live as long as that role allowed
        endings.end_here(user.id)
    member.name, member.role, member.removed_at = name, role, None
    db.session.flush()
    if role is Role.CLIENT:
        _make_client(user, name=name, timezone=timezone)
    audit.record("member_added", by=by, subject=member.id, details={"role": role})
    return member


def assign(*, client_id: UUID, coach_id: UUID, by: UUID | None) -> None:
    """Let a coach (by membership) coach a client; doing it twice changes nothing."""
    db.session.execute(
        insert(CoachClient)
        .values(organisation_id=_here(), coach_id=coach_id, client_id=client_id)
        .on_conflict_do_nothing()
    )
    audit.record("coach_assigned", by=by, subject=client_id, details={"coach": str(coach_id)})


def member_by_email(email: str) -> Membership | None:
    """Find a member of this organisation by e-mail."""
    return db.session.scalar(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id == _here(),
            User.email == email.lower(),
            Membership.removed_at.is_(None),
        )
    )


def client_of_user(user_id: UUID) -> Client | None:
    """Find the client that a user is in this organisation."""
    return db.session.scalar(
        select(Client).where(Client.organisation_id == _here(), Client.user_id == user_id)
    )


def _make_client(user: User, *, name: str, timezone: str) -> None:
    found = client_of_user(user.id)
    if found is not None:
        found.archived_at = None  # who comes back finds their days again
    else:
        db.session.add(
            Client(
                id=new_id(),
                organisation_id=_here(),
                user_id=user.id,
                name=name,
                timezone=timezone,
            )
        )
        db.session.flush()


def _here() -> UUID:
    organisation_id = current_organisation()
    if organisation_id is None:
        raise RuntimeError("people are added while acting for an organisation")
    return organisation_id
