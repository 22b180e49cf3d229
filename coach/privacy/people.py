"""Whose rows they are: how each kind of table refers to one person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, select

from coach.accounts.models import Client, User
from coach.csv_import.models import Import
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.privacy.looking_back import about
from coach.whoop.models import Integration


@dataclass(frozen=True, slots=True)
class Person:
    """A client of one organisation and the account they have."""

    organisation_id: UUID
    client_id: UUID
    user_id: UUID | None
    email: str | None


Whose: TypeAlias = Callable[[Table, Person], ColumnElement[bool]]


def person_of(client_id: UUID) -> Person:
    """Find a client of the organisation we act for; raises NoResultFound."""
    client, email = db.session.execute(
        select(Client, User.email)
        .join(User, User.id == Client.user_id, isouter=True)
        .where(Client.organisation_id == current_organisation(), Client.id == client_id)
    ).one()
    return Person(client.organisation_id, client.id, client.user_id, email)


def by_client(table: Table, who: Person) -> ColumnElement[bool]:
    return and_(_here(table, who), table.c.client_id == who.client_id)


def by_user(table: Table, who: Person) -> ColumnElement[bool]:
    mine = table.c.user_id == who.user_id
    return and_(_here(table, who), mine) if "organisation_id" in table.c else mine


def by_id(table: Table, who: Person) -> ColumnElement[bool]:
    return and_(_here(table, who), table.c.id == who.client_id)


def account(table: Table, who: Person) -> ColumnElement[bool]:
    return table.c.id == who.user_id


def by_email(table: Table, who: Person) -> ColumnElement[bool]:
    return and_(_here(table, who), table.c.email == who.email)


def by_link(table: Table, who: Person) -> ColumnElement[bool]:
    links = select(Integration.id).where(
        Integration.organisation_id == who.organisation_id, Integration.client_id == who.client_id
    )
    return and_(_here(table, who), table.c.integration_id.in_(links))


def by_upload(table: Table, who: Person) -> ColumnElement[bool]:
    uploads = select(Import.id).where(
        Import.organisation_id == who.organisation_id, Import.client_id == who.client_id
    )
    return and_(_here(table, who), table.c.import_id.in_(uploads))


def by_member(table: Table, who: Person) -> ColumnElement[bool]:
    """Choose what WHOOP announced of the member; this table knows no organisation."""
    members = select(Integration.external_user_id).where(
        Integration.organisation_id == who.organisation_id, Integration.client_id == who.client_id
    )
    return table.c.external_user_id.in_(members)


def in_the_log(table: Table, who: Person) -> ColumnElement[bool]:
    mine = and_(_here(table, who), table.c.actor_id == who.user_id)
    return mine | about(who.client_id)


def _here(table: Table, who: Person) -> ColumnElement[bool]:
    return table.c.organisation_id == who.organisation_id
