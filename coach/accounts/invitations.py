"""Invite, accept, withdraw, expire."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.links import enter_in_directory, find_in_directory, token_for
from coach.accounts.mail_limits import refuse_too_often
from coach.accounts.models import Invitation, Membership, Organisation, Role, TokenKind, User
from coach.accounts.people import add_member, assign, client_of_user
from coach.database.tenancy import act_for
from coach.extensions import db, settings
from coach.ids import new_id
from coach.work.asking import Kind, ask
from coach.work.models import Queue

LASTS = timedelta(days=7)
SEND = Kind("send_invitation", Queue.MAIL)


class State(StrEnum):
    """What an invitation link can be."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom to invite."""

    email: str
    name: str
    role: Role
    timezone: str


class NoLongerOpen(Exception):
    """The invitation was used, withdrawn or has expired in the meantime."""


def send(guest: Guest, *, by: Viewer, now: datetime) -> Invitation:
    """Invite somebody; a coach's client is theirs at once, and the mail goes out as work."""
    invitation = Invitation(
        id=new_id(),
        organisation_id=by.organisation_id,
        email=guest.email.lower(),
        name=guest.name,
        role=guest.role,
        timezone=guest.timezone,
        coach_id=by.membership_id if guest.role is Role.CLIENT else None,
        invited_by=by.user_id,
        expires_at=now + LASTS,
    )
    db.session.add(invitation)
    db.session.flush()
    enter_in_directory(
        TokenKind.INVITATION,
        token_for(TokenKind.INVITATION, invitation.id),
        organisation_id=by.organisation_id,
        row_id=invitation.id,
    )
    ask(SEND, organisation_id=by.organisation_id, subject_id=invitation.id)
    audit.record("invited", by=by.user_id, subject=invitation.id, details={"role": guest.role})
    return invitation


def link(invitation: Invitation) -> str:
    """Give the address the invited person opens."""
    token = token_for(TokenKind.INVITATION, invitation.id)
    return f"{settings().base_url}/invitations/{token}"


def find(token: str) -> Invitation | None:
    """Find an invitation by its link and act for its organisation from here on."""
    entry = find_in_directory(TokenKind.INVITATION, token)
    if entry is None:
        return None
    act_for(entry.organisation_id, user_id=None, session=db.session())
    return db.session.scalar(
        select(Invitation).where(
            Invitation.organisation_id == entry.organisation_id, Invitation.id == entry.row_id
        )
    )


def state(invitation: Invitation, *, now: datetime) -> State:
    """Say whether the link may still be used."""
    if invitation.accepted_at is not None:
        return State.ACCEPTED
    if invitation.withdrawn_at is not None or not _stands(invitation):
        return State.WITHDRAWN
    return State.EXPIRED if invitation.expires_at <= now else State.OPEN


def claim(invitation: Invitation) -> None:
    """Use the link up, before anything is made of it; of two at once one wins (NoLongerOpen)."""
    claimed = db.session.execute(
        update(Invitation)
        .where(
            Invitation.organisation_id == invitation.organisation_id,
            Invitation.id == invitation.id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > func.now(),
        )
        .values(accepted_at=func.now())
        .returning(Invitation.id)
    ).one_or_none()
    if claimed is None:
        raise NoLongerOpen


def join(invitation: Invitation, *, user: User) -> None:
    """Make the person a member, by an invitation they have claimed; raises AlreadyMember."""
    add_member(
        user,
        name=invitation.name,
        role=Role(invitation.role),
        timezone=invitation.timezone,
        by=user.id,
    )
    client = client_of_user(user.id)
    if client is not None and invitation.coach_id is not None:
        assign(client_id=client.id, coach_id=invitation.coach_id, by=invitation.invited_by)


def pending(*, by: Viewer) -> list[Invitation]:
    """List invitations not yet answered; a coach sees their own, an owner all."""
    chosen = select(Invitation).where(
        Invitation.organisation_id == by.organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    if by.role is not Role.OWNER:
        chosen = chosen.where(Invitation.invited_by == by.user_id)
    return list(db.session.scalars(chosen.order_by(Invitation.created_at.desc())))


def withdraw(invitation_id: UUID, *, by: Viewer) -> bool:
    """Make a link open nothing; False when it is not theirs or no longer open."""
    mine = [each.id for each in pending(by=by)]
    if invitation_id not in mine:
        return False
    db.session.execute(
        update(Invitation)
        .where(Invitation.organisation_id == by.organisation_id, Invitation.id == invitation_id)
        .values(withdrawn_at=func.now())
    )
    audit.record("invitation_withdrawn", by=by.user_id, subject=invitation_id)
    return True


def resend(invitation_id: UUID, *, by: Viewer, now: datetime) -> bool:
    """Send an invitation again and let it stand seven days more; False when it is not theirs.

    Raises TooOften.
    """
    mine = {each.id: each for each in pending(by=by)}
    if invitation_id not in mine:
        return False
    db.session.refresh(mine[invitation_id], with_for_update=True)
    refuse_too_often("invitation_resent", subject=invitation_id)
    mine[invitation_id].expires_at = now + LASTS
    ask(SEND, organisation_id=by.organisation_id, subject_id=invitation_id)
    audit.record("invitation_resent", by=by.user_id, subject=invitation_id)
    return True


def _stands(invitation: Invitation) -> bool:
    """Tell whether who invited could still do so: what the removed have sent opens nothing."""
    may = {Role.OWNER} if invitation.role != Role.CLIENT else {Role.OWNER, Role.COACH}
    inviter = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id == invitation.organisation_id,
            Membership.user_id == invitation.invited_by,
            Membership.role.in_(may),
            Membership.removed_at.is_(None),
            Organisation.suspended_at.is_(None),
            User.disabled_at.is_(None),
        )
    )
    return db.session.scalar(inviter) is not None
