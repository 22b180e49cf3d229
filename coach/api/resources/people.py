"""Clients by the ids of the organisation, invitations, and what clients share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from flask import g
from pydantic import AfterValidator, EmailStr, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from coach.accounts import audit, consents, invitations, people
from coach.accounts.fair_use import INVITE
from coach.accounts.invitations import Guest
from coach.accounts.models import Client, FieldGroup, Invitation, Role
from coach.api import auth, clients, paging
from coach.api.operations import operation
from coach.api.resources.profile import Profile, profile_of
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Page, Paging, Said, Sparse, in_utc
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.web.problems import Refused

TAG = "Clients"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone such as Europe/Berlin")
    return name


ExternalId = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=100,
        pattern="^[^/]+$",
        description="the id by which your own programs know them",
        examples=["athlete-17"],
    ),
]
Zone = Annotated[str, AfterValidator(_known_zone), Field(examples=["Europe/Berlin"])]


class OneClient(Sparse):
    """A client the caller may know of, and which groups they share with the caller."""

    id: UUID
    external_id: str | None = Field(description="the organisation's own id")
    name: str
    timezone: str
    shares: list[str] = Field(examples=[["recovery", "sleep"]])


class ClientPage(Page[OneClient]):
    """Clients, those who came last first."""


class ChangedClient(Said):
    """The organisation's own id of a client; null takes it away."""

    external_id: ExternalId


class NewClient(Said):
    """Somebody to coach who needs no account, such as an athlete of your own application."""

    name: str = Field(min_length=1, max_length=100, examples=["Nora"])
    external_id: ExternalId = None
    timezone: Zone = "UTC"


class NewInvitation(Said):
    """Whom to invite; a coach's client is theirs at once."""

    email: EmailStr = Field(max_length=254, examples=["new@example.org"])
    name: str = Field(min_length=1, max_length=100, examples=["Nora"])
    role: Role = Role.CLIENT
    timezone: Zone = "UTC"


class OneInvitation(Sparse):
    """An invitation that waits for an answer."""

    id: UUID
    email: str
    name: str
    role: str
    expires_at: datetime
    link: str = Field(description="what the invited person opens")


class InvitationPage(Page[OneInvitation]):
    """Open invitations."""


class Shared(Answer):
    """The groups a client shares with all their coaches, and so with their organisation."""

    groups: list[FieldGroup]


class NewShared(Said):
    """Exactly the groups to share with all coaches from now on."""

    groups: list[FieldGroup] = Field(max_length=len(FieldGroup))


@operation("/clients", Scope.READ_ROSTER, ClientPage, tag=TAG)
def list_clients(query: Paging) -> ClientPage:
    """List the clients the caller may know of."""
    found, cursor = paging.rows(auth.caller().clients(), [Client.id], query)
    shares = auth.caller().shared([each.id for each in found])
    shown = [_client(each, shares[each.id]) for each in found]
    return ClientPage(items=shown, next_cursor=cursor)


@operation("/clients", Scope.PEOPLE, Profile, tag=TAG, method="POST", status=201)
def create_client(json: NewClient) -> Profile:
    """Make a client without an account; a coach's is theirs at once. 409 when the id is taken.

    They share nothing until they agree to it, as when they link WHOOP with a code. Whoever is to
    sign in here is invited instead.
    """
    auth.only(Role.OWNER, Role.COACH, service=True)
    caller = auth.caller()
    made = Client(
        id=new_id(),
        organisation_id=caller.organisation_id,
        name=json.name.strip() or json.name,
        timezone=json.timezone,
        external_id=json.external_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise _taken() from None
    if caller.role is Role.COACH:
        people.assign(client_id=made.id, coach_id=caller.membership_id, by=caller.user_id)
    audit.record("client_added", by=caller.user_id, subject=made.id)
    return profile_of(made)


@operation("/clients/<client_id>", Scope.READ_ROSTER, OneClient, tag=TAG)
def get_client(client_id: str) -> OneClient:
    """Give one client."""
    client = clients.find(client_id)
    return _client(client, auth.shared(client.id))


@operation("/clients/<client_id>", Scope.PEOPLE, Profile, tag=TAG, method="PATCH")
def change_client(client_id: str, json: ChangedClient) -> Profile:
    """Say by which id of yours a client is known. 409 when another client has it."""
    auth.only(Role.OWNER, service=True)
    client = clients.find(client_id)
    try:
        with db.session.begin_nested():
            client.external_id = json.external_id
    except IntegrityError:
        raise _taken() from None
    audit.record("external_id_set", by=auth.caller().user_id, subject=client.id)
    return profile_of(client)


@operation("/invitations", Scope.PEOPLE, InvitationPage, tag=TAG)
def list_invitations(query: Paging) -> InvitationPage:
    """List open invitations; a coach's own, an owner's all, of clients a service's.

    Whoever has a link may become whom it invites, and a service is no owner.
    """
    auth.only(Role.OWNER, Role.COACH, service=True)
    mine = select(Invitation).where(
        Invitation.organisation_id == current_organisation(),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    if auth.is_service():
        mine = mine.where(Invitation.role == Role.CLIENT)
    elif auth.caller().role is not Role.OWNER:
        mine = mine.where(Invitation.invited_by == auth.caller().user_id)
    found, cursor = paging.rows(mine, [Invitation.id], query)
    return InvitationPage(items=[_invitation(row) for row in found], next_cursor=cursor)


@operation("/invitations", Scope.PEOPLE, OneInvitation, tag=TAG, method="POST", status=201)
def invite(json: NewInvitation) -> OneInvitation:
    """Invite somebody; the mail goes out at once. Only an owner invites coaches and owners."""
    auth.only(Role.OWNER, Role.COACH)
    if json.role is not Role.CLIENT:
        auth.only(Role.OWNER)
    auth.spend(INVITE)
    guest = Guest(str(json.email), json.name.strip() or json.name, json.role, json.timezone)
    return _invitation(invitations.send(guest, by=auth.caller(), now=g.asked_at))


@operation(
    "/invitations/<uuid:invitation_id>", Scope.PEOPLE, None, tag=TAG, method="DELETE", status=204
)
def withdraw_invitation(invitation_id: UUID) -> None:
    """Make an invitation's link open nothing."""
    auth.only(Role.OWNER, Role.COACH)
    if not invitations.withdraw(invitation_id, by=auth.caller()):
        raise Refused(404)


@operation("/clients/<client_id>/consents", Scope.PEOPLE, Shared, tag=TAG)
def get_consents(client_id: str) -> Shared:
    """Say what a client shares with all their coaches."""
    return _shared(clients.find(client_id))


@operation("/clients/<client_id>/consents", Scope.PEOPLE, Shared, tag=TAG, method="PUT")
def decide_consents(client_id: str, json: NewShared) -> Shared:
    """Share exactly these groups with all coaches; only the client decides."""
    auth.only(Role.CLIENT)
    client = clients.find(client_id)
    consents.decide(None, set(json.groups), None, by=auth.caller())
    return _shared(client)


def _taken() -> Refused:
    return Refused(409, "Another client has this external id.")


def _client(client: Client, shares: frozenset[FieldGroup]) -> OneClient:
    return OneClient(
        id=client.id,
        external_id=client.external_id,
        name=client.name,
        timezone=client.timezone,
        shares=sorted(shares),
    )


def _shared(client: Client) -> Shared:
    return Shared(groups=sorted(consents.shared_groups(client.id, by=auth.caller())))


def _invitation(row: Invitation) -> OneInvitation:
    return OneInvitation(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        expires_at=in_utc(row.expires_at),
        link=invitations.link(row),
    )
