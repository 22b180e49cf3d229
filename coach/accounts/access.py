"""Viewer: the person looking, and the only door to what they may see."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TypeAlias, cast
from uuid import UUID

from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

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
from coach.accounts.person_models import SecondFactor, UserPreference
from coach.database.tenancy import act_for, current_organisation
from coach.extensions import db, login
from coach.web.session import current_session
from coach.web.taste import USUAL, EnergyUnit, Taste, Theme, Units, follow

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
        g.found_client = db.first_or_404(self.clients().where(Client.id == client_id))
        return cast("Client", g.found_client)

    def own_client(self) -> Client:
        """Find the client that this person is."""
        return cast("Client", db.first_or_404(self.clients().where(Client.id == self.client_id)))

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
        chosen = any_(literal(list(client_ids), ARRAY(Uuid)))
        given = db.session.execute(
            select(Consent.client_id, func.array_agg(Consent.field_group))
            .where(Consent.client_id == chosen, self.consents())
            .group_by(Consent.client_id)
        )
        shares = dict.fromkeys(client_ids, frozenset[FieldGroup]())
        return shares | {client_id: frozenset(map(FieldGroup, names)) for client_id, names in given}

    def consents(self) -> ColumnElement[bool]:
        """Say in SQL which consents let this coach or owner see something now."""
        # An owner who coaches nobody is shown what was shared with all of a client's coaches.
        for_me = or_(Consent.coach_id.is_(None), Consent.coach_id == self.membership_id)
        return and_(
            Consent.organisation_id == self.organisation_id,
            Consent.starts_at <= func.now(),
            or_(Consent.ends_at.is_(None), Consent.ends_at > func.now()),
            for_me,
        )


class Person(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """What Flask-Login keeps as the current user."""

    def __init__(self, viewer: Viewer, *, owes_factor: bool = False) -> None:
        self.viewer = viewer
        self.id = str(viewer.user_id)
        self.owes_factor = owes_factor


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
    found = db.session.execute(
        _membership(Membership.user_id == UUID(user_id), session.organisation_id)
    ).one_or_none()
    if found is None:
        act_for(None, user_id=None, session=db.session())
        return None
    membership, organisation, email, client_id, timezone, chosen, factor_since = found
    follow(_taste(chosen))
    own_clock = timezone or (chosen.timezone if chosen else None)
    looking = _viewer(membership, organisation, email, client_id, own_clock)
    g.timezone = looking.timezone
    return Person(looking, owes_factor=_owes_factor(organisation, looking.role, factor_since))


def find_viewer(user_id: UUID, organisation_id: UUID) -> Viewer | None:
    """Give a program the eyes of a member of the organisation we act for.

    None if gone, or locked out until they set up the second factor that is asked for here.
    """
    found = db.session.execute(
        _membership(Membership.user_id == user_id, organisation_id)
    ).one_or_none()
    if found is None:
        return None
    membership, organisation, email, client_id, timezone, chosen, factor_since = found
    if _owes_factor(organisation, Role(membership.role), factor_since):
        return None
    own_clock = timezone or (chosen.timezone if chosen else None)
    return _viewer(membership, organisation, email, client_id, own_clock)


def as_seen_by(user_id: UUID, *, by: Viewer) -> Viewer | None:
    """Give the eyes of a coach or owner here, to show a client what these see; None if gone."""
    found = db.session.execute(
        _membership(Membership.user_id == user_id, by.organisation_id)
    ).one_or_none()
    eyes = _viewer(*found[:4], None) if found else None
    return eyes if eyes and eyes.role is not Role.CLIENT else None


def written_to(membership_id: UUID) -> tuple[Viewer, str] | None:
    """Give a worker the eyes of a coach or owner here, and the language of mail to them.

    None for who has left, is disabled or suspended, or is a client.
    """
    query = _membership(Membership.id == membership_id, current_organisation())
    found = db.session.execute(query.add_columns(User.locale)).one_or_none()
    if found is None or found[0].role == Role.CLIENT:
        return None
    membership, organisation, email, _client, _zone, chosen, _factor, usual = found
    own_clock, locale = (chosen.timezone, chosen.locale) if chosen else (None, None)
    eyes = _viewer(membership, organisation, email, None, own_clock)
    return eyes, locale or usual or organisation.locale


def _owes_factor(organisation: Organisation, role: Role, since: datetime | None) -> bool:
    return organisation.mfa_required and role is not Role.CLIENT and since is None


def _viewer(
    membership: Membership,
    organisation: Organisation,
    email: str,
    client_id: UUID | None,
    timezone: str | None,
) -> Viewer:
    return Viewer(
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        user_id=membership.user_id,
        membership_id=membership.id,
        role=Role(membership.role),
        name=membership.name,
        email=email,
        timezone=timezone or organisation.timezone,
        client_id=client_id,
    )


def _taste(chosen: UserPreference | None) -> Taste:
    if chosen is None:
        return USUAL
    return Taste(
        locale=chosen.locale,
        units=Units(chosen.units or USUAL.units),
        energy=EnergyUnit(chosen.energy_unit or USUAL.energy),
        theme=Theme(chosen.theme) if chosen.theme else None,
        week_start=chosen.week_start or USUAL.week_start,
    )


def _membership(
    who: ColumnElement[bool], organisation_id: UUID | None
) -> Select[
    Membership,
    Organisation,
    str,
    UUID | None,
    str | None,
    UserPreference | None,
    datetime | None,
]:
    own_client = and_(
        Client.organisation_id == Membership.organisation_id,
        Client.user_id == Membership.user_id,
        Membership.role == Role.CLIENT,
    )
    preferred = and_(
        UserPreference.organisation_id == Membership.organisation_id,
        UserPreference.user_id == Membership.user_id,
    )
    columns = (Membership, Organisation, User.email, Client.id, Client.timezone)
    return (
        select(*columns, UserPreference, SecondFactor.confirmed_at)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .join(Client, own_client, isouter=True)
        .join(UserPreference, preferred, isouter=True)
        .join(SecondFactor, SecondFactor.user_id == Membership.user_id, isouter=True)
        .where(
            who,
            Membership.organisation_id == organisation_id if organisation_id else true(),
            Membership.removed_at.is_(None),
            Organisation.suspended_at.is_(None),
            User.disabled_at.is_(None),
        )
        .order_by(Membership.id)
        .limit(1)
    )
