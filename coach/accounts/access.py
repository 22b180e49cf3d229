"""Viewer: the person looking, and the only door to what they may see."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import TypeAlias, cast
from uuid import UUID

from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from sqlalchemy import Select, and_, func, or_, select, true

from coach.accounts.models import (
    Client,
    CoachClient,
    Consent,
    FieldGroup,
    Membership,
    Organisation,
    Role,
    User,
)
from coach.database.tenancy import act_for
from coach.extensions import db, login
from coach.web.session import current_session

View: TypeAlias = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person in one organisation, and the only door to what they may see."""

    organisation_id: UUID
    organisation_name: str
    user_id: UUID
    membership_id: UUID
    role: Role
    name: str
    email: str
    timezone: str
    client_id: UUID | None

    def clients(self) -> Select[Client]:
        """Select the clients this person may know of."""
        chosen = select(Client).where(
            Client.organisation_id == self.organisation_id, Client.archived_at.is_(None)
        )
        if self.role is Role.OWNER:
            return chosen
        if self.role is Role.CLIENT:
            return chosen.where(Client.user_id == self.user_id)
        mine = and_(
            CoachClient.organisation_id == Client.organisation_id,
            CoachClient.client_id == Client.id,
            CoachClient.coach_id == self.membership_id,
        )
        return chosen.join(CoachClient, mine)

    def client_or_404(self, client_id: UUID) -> Client:
        """Find one client; a stranger's id and an absent one answer alike."""
        return cast("Client", db.first_or_404(self.clients().where(Client.id == client_id)))

    def own_client(self) -> Client:
        """Find the client that this person is."""
        return cast("Client", db.first_or_404(self.clients().where(Client.user_id == self.user_id)))

    def coached(self, client_ids: Collection[UUID]) -> frozenset[UUID]:
        """Say whom of some clients this person coaches; an owner may know of others too."""
        if self.role is Role.COACH:
            return frozenset(client_ids)  # they know of nobody else
        mine = db.session.scalars(
            select(CoachClient.client_id).where(
                CoachClient.organisation_id == self.organisation_id,
                CoachClient.coach_id == self.membership_id,
                CoachClient.client_id.in_(client_ids),
            )
        )
        return frozenset(mine)

    def coached_or_404(self, client_id: UUID) -> Client:
        """Find a client this person coaches; an owner who does not is told as of a stranger."""
        found = self.client_or_404(client_id)
        if not self.coached([found.id]):
            abort(404)
        return found

    def shared(self, client_ids: Collection[UUID]) -> dict[UUID, frozenset[FieldGroup]]:
        """Say which field groups of each client this person may see; one statement."""
        if self.role is Role.CLIENT:
            return dict.fromkeys(client_ids, frozenset(FieldGroup))
        # An owner who coaches nobody is shown what was shared with all of a client's coaches.
        for_me = or_(Consent.coach_id.is_(None), Consent.coach_id == self.membership_id)
        given = db.session.execute(
            select(Consent.client_id, Consent.field_group).where(
                Consent.organisation_id == self.organisation_id,
                Consent.client_id.in_(client_ids),
                Consent.starts_at <= func.now(),
                or_(Consent.ends_at.is_(None), Consent.ends_at > func.now()),
                for_me,
            )
        )
        groups: dict[UUID, set[FieldGroup]] = {client_id: set() for client_id in client_ids}
        for client_id, group in given:
            groups[client_id].add(FieldGroup(group))
        return {client_id: frozenset(shared) for client_id, shared in groups.items()}


class Person(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """What Flask-Login keeps as the current user."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.id = str(viewer.user_id)


def viewer() -> Viewer:
    """Name the person looking; sends visitors to the sign-in page."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    return cast("Viewer", current_user.viewer)


class NotSignedIn(Exception):
    """Nobody is signed in: the sign-in page is the answer."""


def only(*roles: Role) -> Callable[[View], View]:
    """Let a view be used by these roles; the access matrix under tests/ checks each one."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **keywords: object) -> ResponseReturnValue:
            if viewer().role not in roles:
                abort(403)
            return view(*args, **keywords)

        return guarded

    return guard


def clients_only(view: View) -> View:
    return only(Role.CLIENT)(view)


def coaches_only(view: View) -> View:
    return only(Role.COACH, Role.OWNER)(view)


def owners_only(view: View) -> View:
    return only(Role.OWNER)(view)


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def load_person(user_id: str) -> Person | None:
    """Find who is signed in, in the organisation their session is in; one statement."""
    session = current_session()
    act_for(session.organisation_id, user_id=UUID(user_id), session=db.session())
    found = db.session.execute(_membership(UUID(user_id), session.organisation_id)).one_or_none()
    if found is None:
        act_for(None, user_id=None, session=db.session())
        return None
    membership, organisation, email, client_id, timezone = found
    g.timezone = timezone or organisation.timezone
    return Person(
        Viewer(
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            user_id=membership.user_id,
            membership_id=membership.id,
            role=Role(membership.role),
            name=membership.name,
            email=email,
            timezone=g.timezone,
            client_id=client_id,
        )
    )


def _membership(
    user_id: UUID, organisation_id: UUID | None
) -> Select[Membership, Organisation, str, UUID | None, str | None]:
    own_client = and_(
        Client.organisation_id == Membership.organisation_id,
        Client.user_id == Membership.user_id,
        Membership.role == Role.CLIENT,
    )
    return (
        select(Membership, Organisation, User.email, Client.id, Client.timezone)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .join(Client, own_client, isouter=True)
        .where(
            Membership.user_id == user_id,
            Membership.organisation_id == organisation_id if organisation_id else true(),
            Membership.removed_at.is_(None),
            Organisation.suspended_at.is_(None),
            User.disabled_at.is_(None),
        )
        .order_by(Membership.id)
        .limit(1)
    )
