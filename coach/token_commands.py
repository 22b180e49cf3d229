"""`coach tokens`: make, list and revoke tokens of the REST API."""

from datetime import timedelta
from uuid import UUID

import click
from sqlalchemy import select

from coach.accounts import people
from coach.api import tokens
from coach.api.models import ApiToken, Holder
from coach.api.scopes import Scope
from coach.api.tokens import Wanted
from coach.cli import Refused, enter_organisation, say, transaction
from coach.extensions import db
from coach.work.leases import now

_ORGANISATION = click.option("--organisation", "slug", required=True)
_JSON = click.option("--json", "as_json", is_flag=True)
_SCOPES = click.Choice([scope.value for scope in Scope])


@click.group("tokens")
def tokens_group() -> None:
    """Tokens of the REST API."""


@tokens_group.command("create")
@click.argument("name")
@_ORGANISATION
@click.option("--person", "email", help="Whose token; without it, the organisation's service's.")
@click.option("--scope", "scopes", multiple=True, required=True, type=_SCOPES)
@click.option("--days", type=click.IntRange(1, 3650), help="How long it lasts.")
@_JSON
def create(name: str, slug: str, *, as_json: bool, **options: object) -> None:
    """Make a token; it is printed this once."""
    with transaction():
        organisation_id = enter_organisation(slug)
        email = options["email"]
        user_id = _member(str(email)) if email else None
        days = options["days"]
        wanted = Wanted(
            name,
            Holder.PERSON if email else Holder.SERVICE,
            [Scope(scope) for scope in _listed(options["scopes"])],
            now() + timedelta(days=days) if isinstance(days, int) else None,
        )
        made, token = tokens.make(wanted, organisation_id=organisation_id, user_id=user_id, by=None)
        say({"token_id": made.id, "token": token}, as_json=as_json)


@tokens_group.command("list")
@_ORGANISATION
@_JSON
def list_tokens(slug: str, *, as_json: bool) -> None:
    """List the tokens of an organisation, newest first."""
    with transaction():
        owner = enter_organisation(slug)
        mine = select(ApiToken).where(ApiToken.organisation_id == owner)
        for each in db.session.scalars(mine.order_by(ApiToken.id.desc())):
            say(_told(each), as_json=as_json)


@tokens_group.command("revoke")
@click.argument("token_id", type=click.UUID)
@_ORGANISATION
@_JSON
def revoke(token_id: UUID, slug: str, *, as_json: bool) -> None:
    """Make a token open nothing any more."""
    with transaction():
        found = db.session.get(ApiToken, (enter_organisation(slug), token_id))
        if found is None:
            raise Refused(f"There is no token {token_id} in {slug!r}.")
        tokens.end(found, by=None, now=now())
        say(_told(found), as_json=as_json)


def _member(email: str) -> UUID:
    member = people.member_by_email(email)
    if member is None:
        raise Refused(f"{email} is no member of this organisation.")
    return member.user_id


def _listed(scopes: object) -> tuple[str, ...]:
    return scopes if isinstance(scopes, tuple) else ()


def _told(token: ApiToken) -> dict[str, object]:
    return {
        "token_id": token.id,
        "name": token.name,
        "holder": token.holder,
        "user_id": token.user_id or "",
        "ending": token.ending,
        "scopes": ",".join(token.scopes),
        "expires_at": token.expires_at or "",
        "last_used_at": token.last_used_at or "",
        "revoked_at": token.revoked_at or "",
    }


COMMANDS = (tokens_group,)
