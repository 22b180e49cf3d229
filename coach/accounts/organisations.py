"""Make organisations, and the first owner by a link printed at the first start."""

import re
import unicodedata
from uuid import UUID

from sqlalchemy import func, select

from coach.accounts import audit
from coach.accounts.links import (
    enter_in_directory,
    find_in_directory,
    strike_from_directory,
    token_for,
)
from coach.accounts.models import Organisation, Role, TokenDirectory, TokenKind, User
from coach.accounts.people import Newcomer, add_member, user_for
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.ids import new_id

SETUP_ROW = UUID(int=0)


class SlugTaken(Exception):
    """Another organisation of this installation has that short name."""


class SetupClosed(Exception):
    """Somebody else has used the setup link in the meantime."""


def create_organisation(
    name: str, *, slug: str | None = None, timezone: str = "UTC", locale: str = "en"
) -> Organisation:
    """Make an organisation and act for it from here on; raises SlugTaken."""
    slug = slug or slug_of(name)
    if find_in_directory(TokenKind.SLUG, slug) is not None:
        raise SlugTaken(f"an organisation with the short name {slug!r} exists")
    organisation = Organisation(id=new_id(), name=name, slug=slug, timezone=timezone, locale=locale)
    act_for(organisation.id, user_id=None, session=db.session())
    db.session.add(organisation)
    db.session.flush()
    enter_in_directory(
        TokenKind.SLUG, slug, organisation_id=organisation.id, row_id=organisation.id
    )
    audit.record("organisation_created", by=None, subject=organisation.id)
    return organisation


def organisation_id_of(slug: str) -> UUID | None:
    """Find an organisation by its short name."""
    found = find_in_directory(TokenKind.SLUG, slug)
    return found.organisation_id if found else None


def every_organisation() -> list[UUID]:
    """List every organisation; their short names stand outside the walls."""
    listed = select(TokenDirectory.organisation_id).where(TokenDirectory.kind == TokenKind.SLUG)
    return [each for each in db.session.scalars(listed) if each is not None]


def slug_of(name: str) -> str:
    """Make a short name for addresses and commands out of a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or "organisation"


def nobody_yet() -> bool:
    """Tell whether this installation has no person at all."""
    return db.session.scalar(select(func.count()).select_from(User).limit(1)) == 0


def open_setup() -> str:
    """Give the token of the setup link, valid until the first owner exists."""
    token = token_for(TokenKind.SETUP, SETUP_ROW)
    if find_in_directory(TokenKind.SETUP, token) is None:
        enter_in_directory(TokenKind.SETUP, token, organisation_id=None, row_id=SETUP_ROW)
    return token


def setup_is_open(token: str) -> bool:
    """Tell whether this setup link may still be used."""
    return find_in_directory(TokenKind.SETUP, token) is not None and nobody_yet()


def set_up(token: str, *, organisation_name: str, timezone: str, owner: Newcomer) -> User:
    """Make the first organisation and its owner, and close the link.

    Raises SetupClosed and SlugTaken.
    """
    if not strike_from_directory(TokenKind.SETUP, token):
        raise SetupClosed
    user = user_for(owner.email, owner.password)
    create_organisation(organisation_name, timezone=timezone)
    add_member(user, name=owner.name, role=Role.OWNER)
    return user
