"""What opens for a person without a password, and how it ends.

Whoever keeps such things says how; they end with a forgotten password, which a thief may have had
long enough to open more than sessions, and when somebody who was removed comes back.
"""

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select

from coach.accounts.models import Membership
from coach.database.tenancy import acting_meanwhile
from coach.extensions import db

Ending: TypeAlias = Callable[[UUID], None]  # takes a person; acts in the organisation we act for
_endings: list[Ending] = []


def ends_something(ending: Ending) -> Ending:
    """Register what ends something of a person in one organisation, in the running transaction."""
    _endings.append(ending)
    return ending


def end_here(user_id: UUID) -> None:
    """End all that opens for a person in the organisation we act for."""
    for ending in _endings:
        ending(user_id)


def end_everywhere(user_id: UUID) -> None:
    """End all that opens for a person, whomever we act for."""
    for organisation_id in organisations_of(user_id):
        with acting_meanwhile(organisation_id, user_id=None, session=db.session()):
            end_here(user_id)


def organisations_of(user_id: UUID) -> list[UUID]:
    """List the organisations somebody belongs to, whomever we act for."""
    mine = (Membership.user_id == user_id, Membership.removed_at.is_(None))
    with acting_meanwhile(None, user_id=user_id, session=db.session()):
        return list(db.session.scalars(select(Membership.organisation_id).where(*mine)))
