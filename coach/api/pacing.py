"""Find a token, count the call and say how many are left in this minute.

In short transactions of their own: calls by one token must not wait for each other, and what is
counted stays counted when the call comes to nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select, update

from coach.accounts.models import TokenDirectory, TokenKind
from coach.api.models import ApiToken, Holder
from coach.api.scopes import Scope
from coach.database import moments
from coach.database.tenancy import acting_for
from coach.extensions import db, settings
from coach.web.session import hash_token

WINDOW_SECONDS = 60
_THIS_MINUTE = func.date_trunc("minute", func.now())
_SAME = ApiToken.counted_since == _THIS_MINUTE
_COUNT = (
    update(ApiToken)
    .where(
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
    )
    .values(
        calls=case((_SAME, ApiToken.calls + 1), else_=1),
        counted_since=_THIS_MINUTE,
        last_used_at=func.now(),
    )
    .returning(
        ApiToken.holder,
        ApiToken.user_id,
        ApiToken.name,
        ApiToken.scopes,
        ApiToken.calls,
        ApiToken.counted_since,
        func.now().label("moment"),
        # A count that a crash takes away is no loss worth a write to the disk.
        func.set_config("synchronous_commit", "off", True),  # noqa: FBT003  # PostgreSQL's function
    )
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that is valid now, and what is left to it in this minute."""

    id: UUID
    organisation_id: UUID
    holder: Holder
    user_id: UUID | None
    name: str
    scopes: frozenset[Scope]
    calls: int
    counted_since: datetime

    @property
    def left(self) -> int:
        return max(settings().api_rate_limit_per_minute - self.calls, 0)

    @property
    def exhausted(self) -> bool:
        return self.calls > settings().api_rate_limit_per_minute

    def resets_in(self, now: datetime) -> int:
        """Count the seconds until the next minute begins."""
        gone = int((now - self.counted_since).total_seconds())
        return max(WINDOW_SECONDS - gone, 1)


def count_call(token: str) -> Bearer | None:
    """Find the token a call brings and count the call; None when it opens nothing."""
    with acting_for(None), db.engine.connect() as connection:
        entry = connection.execute(
            select(TokenDirectory.organisation_id, TokenDirectory.row_id).where(
                TokenDirectory.token_hash == hash_token(token),
                TokenDirectory.kind == TokenKind.API_TOKEN,
            )
        ).one_or_none()
    if entry is None or entry.organisation_id is None:
        return None
    owner, token_id = entry.organisation_id, entry.row_id
    with acting_for(owner), db.engine.begin() as connection:
        row = connection.execute(
            _COUNT.where(ApiToken.organisation_id == owner, ApiToken.id == token_id)
        ).one_or_none()
    if row is None:
        return None
    moments.keep(row.moment)
    known = frozenset(Scope(each) for each in row.scopes if each in set(Scope))
    return Bearer(
        token_id,
        owner,
        Holder(row.holder),
        row.user_id,
        row.name,
        known,
        row.calls,
        row.counted_since,
    )
