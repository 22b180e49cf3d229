"""Make, find and revoke tokens; one is shown when it is made, and never again."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.endings import ends_something
from coach.accounts.links import enter_in_directory
from coach.accounts.models import Role, TokenDirectory, TokenKind
from coach.api.models import ApiToken, Holder
from coach.api.scopes import Scope
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.web.session import hash_token

PREFIX = "coach_"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made; a service has no person."""

    name: str
    holder: Holder
    scopes: Collection[Scope]
    expires_at: datetime | None = None


def make(
    wanted: Wanted, *, organisation_id: UUID, user_id: UUID | None, by: UUID | None
) -> tuple[ApiToken, str]:
    """Make a token in the organisation we act for; the token itself stands nowhere."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken(
        id=new_id(),
        organisation_id=organisation_id,
        holder=wanted.holder,
        user_id=user_id if wanted.holder is Holder.PERSON else None,
        made_by=by,
        name=wanted.name,
        token_hash=hash_token(token),
        ending=token[-4:],
        scopes=sorted(wanted.scopes),
        expires_at=wanted.expires_at,
    )
    db.session.add(made)
    enter_in_directory(TokenKind.API_TOKEN, token, organisation_id=organisation_id, row_id=made.id)
    db.session.flush()
    audit.record("api_token_made", by=by, subject=made.id, details={"holder": wanted.holder})
    return made, token


def known_to(looking: Viewer) -> Sequence[ApiToken]:
    """List somebody's own tokens, and the services' for an owner; newest first."""
    chosen = select(ApiToken).where(_of(looking)).order_by(ApiToken.id.desc())
    return db.session.scalars(chosen).all()


def revoke(token_id: UUID, *, by: Viewer, now: datetime) -> bool:
    """Make a token open nothing any more; False when it is not theirs."""
    mine = select(ApiToken).where(_of(by), ApiToken.id == token_id)
    found = db.session.scalar(mine)
    if found is None:
        return False
    end(found, by=by.user_id, now=now)
    return True


def end(found: ApiToken, *, by: UUID | None, now: datetime) -> None:
    """Revoke a token that was found; doing it twice changes nothing."""
    if found.revoked_at is not None:
        return
    found.revoked_at = now
    entry = db.session.get(TokenDirectory, found.token_hash)
    if entry is not None:
        db.session.delete(entry)
    audit.record("api_token_revoked", by=by, subject=found.id)


@ends_something
def end_all_of(user_id: UUID) -> None:
    """Revoke a person's own tokens in the organisation we act for; a service's are not theirs."""
    mine = (ApiToken.organisation_id == current_organisation(), ApiToken.user_id == user_id)
    now = db.session.execute(select(func.now())).scalar_one()
    for found in db.session.scalars(select(ApiToken).where(*mine)):
        end(found, by=user_id, now=now)


def _of(looking: Viewer) -> ColumnElement[bool]:
    mine = ApiToken.user_id == looking.user_id
    if looking.role is Role.OWNER:
        mine = or_(mine, ApiToken.holder == Holder.SERVICE)
    return (ApiToken.organisation_id == looking.organisation_id) & mine
