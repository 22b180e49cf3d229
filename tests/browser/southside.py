"""Clients of an organisation of their own, made one for each story, so that no story meets another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from coach.accounts import guardians, invitations, people, preferences
from coach.accounts.access import Viewer, find_viewer
from coach.accounts.invitations import Guest as Invited
from coach.accounts.models import (
    Client,
    Consent,
    FieldGroup,
    Invitation,
    Organisation,
    Role,
    User,
)
from coach.accounts.organisations import create_organisation, organisation_id_of
from coach.database.tenancy import act_for, act_for_nobody, acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.insights import refresh
from coach.whoop.models import Integration, Status
from tests.cast import PASSWORD
from tests.insights.lives import TODAY, Made, steady

SLUG, COACH = "southside", "vera@south.example"
_number = count(1)


@dataclass(frozen=True, slots=True)
class Resident:
    """A client of Southside and the language of their pages."""

    email: str
    name: str
    locale: str
    user_id: UUID
    client_id: UUID
    organisation_id: UUID


def move_in(app: Flask, locale: str, *, days: int = 60) -> Resident:
    """Make a client whom Vera coaches, with so many steady days by WHOOP up to today."""
    number = next(_number)
    email, name = f"client{number}@south.example", f"Mila Marsh {number}"
    with app.app_context():
        here = _southside()
        user = people.user_for(email, PASSWORD)
        user.locale = locale
        people.add_member(user, name=name, role=Role.CLIENT, timezone="UTC")
        client = people.client_of_user(user.id)
        assert client
        vera = people.member_by_email(COACH)
        assert vera
        people.assign(client_id=client.id, coach_id=vera.id, by=None)
        preferences.keep(_looking(user.id, here), locale=locale)
        if days:
            _live(client, days)
        made = Resident(email, name, locale, user.id, client.id, here)
        _end()
    return made


def another_coach(app: Flask, locale: str) -> str:
    """Make a coach who reads this language: Vera's pages stay English for other stories. Their e-mail."""
    email = f"coach{next(_number)}@south.example"
    with app.app_context():
        here = _southside()
        user = people.user_for(email, PASSWORD)
        people.add_member(user, name="Otto", role=Role.COACH)
        preferences.keep(_looking(user.id, here), locale=locale)
        _end()
    return email


def share_everything(app: Flask, lives: Resident) -> None:
    """Let everybody who coaches a resident see all of theirs."""
    mine = {"organisation_id": lives.organisation_id, "client_id": lives.client_id}
    with app.app_context(), acting_for(lives.organisation_id):
        db.session.add_all(Consent(field_group=it, text_version="1", **mine) for it in FieldGroup)
        db.session.commit()
        db.session.remove()


def arrives(app: Flask, lives: Resident, days: Mapping[date, Mapping[str, float]]) -> None:
    """Let WHOOP say more of a resident's days, and work out what it means."""
    said = {day: Reading(Source.WHOOP, values) for day, values in days.items()}
    with app.app_context(), acting_for(lives.organisation_id):
        store.record(lives.client_id, Source.WHOOP, said)
        db.session.flush()
        refresh.refresh(lives.client_id, now=datetime.now(UTC))
        db.session.commit()
        db.session.remove()


def invite(app: Flask, locale: str, *, minor: bool = False) -> tuple[UUID, str]:
    """Let Vera invite somebody as a client; the invitation and the path of its link."""
    number = next(_number)
    with app.app_context():
        here = _southside()
        vera = people.user_for(COACH, None)
        guest = Invited(f"guest{number}@south.example", f"Gil Guest {number}", Role.CLIENT, "UTC")
        made = invitations.send(guest, by=_looking(vera.id, here), now=datetime.now(UTC))
        if minor:
            guardians.mark(made, "")
        db.session.get_one(Organisation, here).locale = locale
        found = made.id, invitations.link(made).partition("/invitations/")[2]
        _end()
    return found[0], f"/invitations/{found[1]}"


def change(app: Flask, invitation_id: UUID, **values: object) -> None:
    """Let time or people have changed an invitation."""
    with app.app_context():
        here = _southside()
        invitation = db.session.get_one(Invitation, (here, invitation_id))
        for name, value in values.items():
            setattr(invitation, name, value)
        _end()


def link_stands(app: Flask, client: Resident, status: Status) -> None:
    """Let a client have a link that stands so; what it read stays as it is."""
    with app.app_context():
        _southside()
        mine = (Integration.organisation_id == client.organisation_id,)
        found = db.session.scalar(
            select(Integration).where(*mine, Integration.client_id == client.client_id)
        )
        if found is None:
            found = Integration(organisation_id=client.organisation_id, client_id=client.client_id)
            db.session.add(found)
        found.status, found.last_sync = status, datetime.now(UTC)
        _end()


def organisation(app: Flask) -> UUID:
    """Name Southside by its id."""
    with app.app_context():
        found = _southside()
        _end()
    return found


def days_ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


def _southside() -> UUID:
    """Act for Southside from here on; it is made when it is first asked for."""
    act_for_nobody()
    here = organisation_id_of(SLUG)
    if here is None:
        here = create_organisation("Southside", slug=SLUG).id
        vera = people.user_for(COACH, PASSWORD)
        people.add_member(vera, name="Vera", role=Role.COACH)
    act_for(here, user_id=None, session=db.session())
    return here


def _looking(user_id: UUID, organisation_id: UUID) -> Viewer:
    db.session.flush()
    looking = find_viewer(user_id, organisation_id)
    assert looking
    return looking


def _live(client: Client, days: int) -> None:
    now = datetime.now(UTC)
    more = {"recovery_score": [70.0] * days, "sleep_quality": [88.0] * days}
    runs = {name: steady(name, days) for name in ("hrv", "resting_heart_rate", "strain")}
    runs["sleep_hours"] = steady("sleep_hours", days)
    made = Made({**runs, **more}).days()
    moved = now.date() - TODAY
    said = {day + moved: Reading(Source.WHOOP, values) for day, values in made}
    store.record(client.id, Source.WHOOP, said)
    db.session.flush()
    refresh.refresh(client.id, now=now)


def _end() -> None:
    db.session.commit()
    db.session.remove()
    act_for_nobody()


def user_of(app: Flask, email: str) -> UUID | None:
    """Find an account by its e-mail."""
    with app.app_context():
        found: UUID | None = db.session.scalar(select(User.id).where(User.email == email))
        db.session.remove()
    return found
