"""`coach …`: create an organisation, add people, say who coaches whom."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID
from zoneinfo import available_timezones

import click
from sqlalchemy import select

from coach import migrating
from coach.accounts import lost_factor, organisations, people
from coach.accounts.models import Role, User
from coach.accounts.passwords import SHORTEST, is_guessable
from coach.app import create_app
from coach.closing import ending
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db, settings
from coach.runtime.services import provide
from coach.work.leases import now
from config import Settings


class Refused(click.ClickException):
    """The command was understood and not done; the message says what to do."""


def say(values: dict[str, object], *, as_json: bool) -> None:
    """Print key=value lines, or one JSON object."""
    if as_json:
        click.echo(json.dumps(values, default=str))
    else:
        for key, value in values.items():
            click.echo(f"{key}={value}")


@contextmanager
def transaction() -> Iterator[None]:
    """Run a command in the application, as one transaction."""
    app = create_app(provide(Settings.from_env(os.environ)))
    with app.app_context():
        try:
            yield
            db.session.commit()
        finally:
            db.session.remove()
            db.engine.dispose()
            act_for_nobody()


def enter_organisation(slug: str) -> UUID:
    """Act for the organisation with this short name; raises Refused when there is none."""
    organisation_id = organisations.organisation_id_of(slug)
    if organisation_id is None:
        raise Refused(f"There is no organisation {slug!r}. `coach organisations create` makes one.")
    act_for(organisation_id, user_id=None, session=db.session())
    return organisation_id


def enter_organisation_of(client_id: UUID) -> UUID:
    """Act for the organisation of a client; raises Refused when there is no such client.

    Only the owning role can look across the walls, so a command asks with that one.
    """
    organisation_id = migrating.organisation_of_client(settings(), client_id)
    if organisation_id is None:
        raise Refused(f"There is no client {client_id}.")
    act_for(organisation_id, user_id=None, session=db.session())
    return organisation_id


@click.group("organisations")
def organisations_group() -> None:
    """Coaching businesses in this installation."""


@organisations_group.command("create")
@click.argument("name")
@click.option("--slug", help="Short name for commands; made from NAME when left out.")
@click.option("--timezone", default="UTC", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def create_organisation(name: str, slug: str | None, timezone: str, *, as_json: bool) -> None:
    """Create an organisation."""
    _check_timezone(timezone)
    with transaction():
        try:
            made = organisations.create_organisation(name, slug=slug, timezone=timezone)
        except organisations.SlugTaken as error:
            raise Refused(f"{error}; choose another with --slug.") from None
        say({"organisation_id": made.id, "slug": made.slug}, as_json=as_json)


@organisations_group.command("delete")
@click.argument("slug")
@click.option("--confirm", required=True, help="The short name once more: nothing comes back.")
@click.option("--json", "as_json", is_flag=True)
def delete_organisation(slug: str, confirm: str, *, as_json: bool) -> None:
    """Shut an organisation at once and delete all of it, by work."""
    if confirm != slug:
        raise Refused(f"Say --confirm {slug} to delete everything of this organisation.")
    with transaction():
        organisation_id = enter_organisation(slug)
        cut = ending.begin(organisation_id, now=now())
        say({"organisation_id": organisation_id, "links_cut": cut}, as_json=as_json)


@click.group("users")
def users_group() -> None:
    """People who can sign in."""


@users_group.command("operator")
@click.argument("email")
@click.option("--no-longer", is_flag=True, help="Take it back.")
def make_operator(email: str, *, no_longer: bool) -> None:
    """Let somebody who can sign in open /operator, whatever they are in an organisation."""
    with transaction():
        user = db.session.scalar(select(User).where(User.email == email.lower()))
        if user is None:
            raise Refused(f"{email} has no account here.")
        user.is_operator = not no_longer
        say({"user_id": user.id, "is_operator": user.is_operator}, as_json=False)


@users_group.command("create")
@click.argument("email")
@click.option("--organisation", "slug", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name")
@click.option("--timezone", default="UTC", show_default=True)
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from input.")
@click.option("--json", "as_json", is_flag=True)
def create_user(email: str, slug: str, role: str, **options: object) -> None:
    """Add a person to an organisation."""
    timezone = str(options["timezone"])
    _check_timezone(timezone)
    password = _password()
    with transaction():
        enter_organisation(slug)
        user = people.user_for(email, password)
        name = str(options["name"] or email.partition("@")[0])
        try:
            people.add_member(user, name=name, role=Role(role), timezone=timezone)
        except people.AlreadyMember as error:
            raise Refused(str(error)) from None
        client = people.client_of_user(user.id)
        made: dict[str, object] = {"user_id": user.id}
        if client is not None:
            made["client_id"] = client.id
        say(made, as_json=bool(options["as_json"]))


@users_group.command("reset-factor")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
def reset_factor(email: str, *, as_json: bool) -> None:
    """Let a person who lost their second factor sign in by the password alone."""
    with transaction():
        user_id = lost_factor.reset(email)
        if user_id is None:
            raise Refused(f"{email} has no second factor here.")
        say({"user_id": user_id}, as_json=as_json)


@click.command("assign")
@click.argument("client_id", type=click.UUID)
@click.argument("coach_email")
def assign(client_id: UUID, coach_email: str) -> None:
    """Let a coach coach a client."""
    with transaction():
        enter_organisation_of(client_id)
        coach = people.member_by_email(coach_email)
        if coach is None or coach.role == Role.CLIENT:
            raise Refused(f"{coach_email} is no coach or owner of this client's organisation.")
        people.assign(client_id=client_id, coach_id=coach.id, by=None)
        say({"client_id": client_id, "coach_id": coach.id}, as_json=False)


def _password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST:
        raise Refused(f"The password must have at least {SHORTEST} characters.")
    if is_guessable(password):
        raise Refused("The password is easy to guess: it is a common one.")
    return password


def _check_timezone(name: str) -> None:
    if name not in available_timezones():
        raise Refused(f"{name!r} is no time zone; use a name such as Europe/Berlin.")


COMMANDS = (organisations_group, users_group, assign)
