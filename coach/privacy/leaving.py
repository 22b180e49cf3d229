"""People who go: out of one organisation, or for good with their account."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select

from coach import mail
from coach.accounts import audit, consents
from coach.accounts.access import Viewer
from coach.accounts.links import (
    enter_in_directory,
    find_in_directory,
    strike_from_directory,
    token_for,
)
from coach.accounts.models import (
    Client,
    CoachClient,
    GroupClient,
    Membership,
    Organisation,
    Role,
    TokenKind,
    User,
)
from coach.database.tenancy import act_for
from coach.extensions import db, settings
from coach.privacy.erasing import ERASE_ACCOUNT, ERASE_CLIENT
from coach.web.models import UserSession
from coach.web.session import end_sessions
from coach.whoop.linking import links
from coach.whoop.models import Integration, Status
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

TELL = Kind("send_leaving", Queue.MAIL)
DECIDES_WITHIN = timedelta(days=30)


class Fate(StrEnum):
    """What becomes of the data of a client who goes."""

    KEPT = "kept"
    DELETED = "deleted"
    WITH_ACCOUNT = "with_account"


@dataclass(frozen=True, slots=True)
class Departure:
    """Who goes, by whose word, and what becomes of their data."""

    member: Membership
    by: UUID
    fate: Fate


def member_or_none(membership_id: UUID, *, by: Viewer) -> Membership | None:
    """Find a member of the viewer's organisation who still belongs to it."""
    return db.session.scalar(
        select(Membership).where(
            Membership.organisation_id == by.organisation_id,
            Membership.id == membership_id,
            Membership.removed_at.is_(None),
        )
    )


def is_last_owner(member: Membership) -> bool:
    """Tell whether an organisation would be left without an owner; locks those there are."""
    owners = db.session.scalars(
        select(Membership.id)
        .where(
            Membership.organisation_id == member.organisation_id,
            Membership.role == Role.OWNER,
            Membership.removed_at.is_(None),
        )
        .with_for_update()
    ).all()
    return list(owners) == [member.id]


def depart(going: Departure, *, now: datetime) -> None:
    """End a membership at once; a client is archived, and deleted by work if that is wanted.

    The caller acts for the organisation.
    """
    member = going.member
    member.removed_at = now
    sessions = (
        UserSession.user_id == member.user_id,
        UserSession.organisation_id == member.organisation_id,
    )
    db.session.execute(delete(UserSession).where(*sessions))
    here = (CoachClient.organisation_id == member.organisation_id,)
    if member.role == Role.CLIENT:
        _put_away(going, now=now)
    else:
        db.session.execute(delete(CoachClient).where(*here, CoachClient.coach_id == member.id))
        consents.end_all_for(member.id)
    audit.record(
        "member_left" if going.by == member.user_id else "member_removed",
        by=going.by,
        subject=member.id,
        details={"data": going.fate},
    )


def delete_account(user_id: UUID, *, now: datetime) -> None:
    """Shut somebody out everywhere at once, and have all of them deleted by work."""
    act_for(None, user_id=user_id, session=db.session())
    mine = select(Membership.organisation_id, Membership.id).where(Membership.user_id == user_id)
    for organisation_id, membership_id in db.session.execute(mine).all():
        act_for(organisation_id, user_id=user_id, session=db.session())
        member = db.session.get_one(Membership, (organisation_id, membership_id))
        if member.removed_at is None:
            depart(Departure(member, user_id, Fate.WITH_ACCOUNT), now=now)
        db.session.flush()
    act_for(None, user_id=user_id, session=db.session())
    user = db.session.get_one(User, user_id)
    user.disabled_at = user.erase_asked_at = now
    end_sessions(user_id)
    ask(ERASE_ACCOUNT, organisation_id=None, subject_id=user_id)


def owned_alone(user_id: UUID, *, back_to: Viewer) -> list[str]:
    """Name the organisations that would have no owner without this person."""
    act_for(None, user_id=user_id, session=db.session())
    owned = select(Membership, Organisation.name).join(
        Organisation, Organisation.id == Membership.organisation_id
    )
    mine = (Membership.user_id == user_id, Membership.role == Role.OWNER)
    found = db.session.execute(owned.where(*mine, Membership.removed_at.is_(None))).all()
    alone = []
    for member, name in found:
        act_for(member.organisation_id, user_id=user_id, session=db.session())
        alone += [name] if is_last_owner(member) else []
    act_for(back_to.organisation_id, user_id=user_id, session=db.session())
    return alone


def left_client(token: str, *, now: datetime) -> Client | None:
    """Find whose data a mailed link decides about, acting for the organisation from here on."""
    entry = find_in_directory(TokenKind.LEAVING, token)
    if entry is None or entry.created_at < now - DECIDES_WITHIN:
        return None
    act_for(entry.organisation_id, user_id=None, session=db.session())
    client = db.session.get(Client, (entry.organisation_id, entry.row_id))
    return client if client and client.archived_at else None  # not of somebody who came back


def erase_left(client: Client, token: str) -> None:
    """Have a client deleted who has left; the link is used up."""
    strike_from_directory(TokenKind.LEAVING, token)
    ask(ERASE_CLIENT, organisation_id=client.organisation_id, subject_id=client.id)
    audit.record("erasure_asked", by=client.user_id, subject=client.id)


@does(TELL)
def tell(piece: Piece) -> None:
    """Do one piece of work: write to a client whose membership ended what becomes of their data."""
    with unit_of_work():
        client = db.session.get(Client, (piece.organisation_id, piece.subject_id))
        if client is None or client.user_id is None:
            return
        email, locale = db.session.execute(
            select(User.email, User.locale).where(User.id == client.user_id)
        ).one()
        organisation = db.session.get_one(Organisation, client.organisation_id).name
    token = token_for(TokenKind.LEAVING, piece.subject_id)
    with force_locale(locale or "en"):
        mail.send(
            "privacy/mail/leaving.txt",
            to=[email],
            subject=_("You have left %(organisation)s", organisation=organisation),
            organisation=organisation,
            days=DECIDES_WITHIN.days,
            link=f"{settings().base_url}/leaving/{token}",
        )


def _put_away(going: Departure, *, now: datetime) -> None:
    """Archive a client: nobody sees them, nothing is read of them, WHOOP's grant is given back."""
    member = going.member
    client = db.session.scalar(
        select(Client).where(
            Client.organisation_id == member.organisation_id, Client.user_id == member.user_id
        )
    )
    if client is None:
        return
    client.archived_at = now
    for link in db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == client.organisation_id,
            Integration.client_id == client.id,
            Integration.status != Status.DISCONNECTED,
        )
    ).all():
        links.disconnect(link, by=going.by, keep_history=True, now=now)
    consents.end_all_of(client.id)
    for table in (CoachClient, GroupClient):
        here = table.organisation_id == client.organisation_id
        db.session.execute(delete(table).where(here, table.client_id == client.id))
    if going.fate is Fate.DELETED:
        ask(ERASE_CLIENT, organisation_id=client.organisation_id, subject_id=client.id)
    elif going.fate is Fate.KEPT:
        _let_decide(client)


def _let_decide(client: Client) -> None:
    token = token_for(TokenKind.LEAVING, client.id)
    strike_from_directory(TokenKind.LEAVING, token)  # of an earlier time here
    enter_in_directory(
        TokenKind.LEAVING, token, organisation_id=client.organisation_id, row_id=client.id
    )
    ask(TELL, organisation_id=client.organisation_id, subject_id=client.id)
