"""Where a linking that has begun waits for its answer: one row, claimed once.

Authlib sees a cache; we see to it that an answer counts only in the browser session, for the
person, organisation and client, in which the linking began, and only for ten minutes.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import g
from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db, sealer
from coach.ids import new_id
from coach.web.session import current_session, hash_token
from coach.whoop.models import OAuthState

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Start:
    """Who links what, bound to this request."""

    organisation_id: UUID
    user_id: UUID
    client_id: UUID
    whoop_app_id: UUID
    redirect_uri: str


def begin(start: Start) -> None:
    """Say for whom the states of this request are made and claimed."""
    g.oauth_start = start


class StateCache:
    """What Authlib takes for its cache: rows of oauth_states, sealed."""

    def set(self, key: str, value: str, _expires_in: int) -> None:
        start = _start()
        db.session.execute(
            insert(OAuthState).values(
                id=new_id(),
                organisation_id=start.organisation_id,
                state_hash=hash_token(key),
                sealed_data=sealer().seal(value, place=_place(key)),
                session_hash=_session_hash(),
                user_id=start.user_id,
                client_id=start.client_id,
                whoop_app_id=start.whoop_app_id,
                redirect_uri=start.redirect_uri,
                expires_at=func.now() + LASTS,
            )
        )

    def get(self, key: str) -> str | None:
        """Claim the state: of two answers that carry it, one finds it."""
        start = _start()
        sealed = db.session.scalar(
            delete(OAuthState)
            .where(
                OAuthState.organisation_id == start.organisation_id,
                OAuthState.state_hash == hash_token(key),
                OAuthState.session_hash == _session_hash(),
                OAuthState.user_id == start.user_id,
                OAuthState.client_id == start.client_id,
                OAuthState.whoop_app_id == start.whoop_app_id,
                OAuthState.expires_at > func.now(),
            )
            .returning(OAuthState.sealed_data)
        )
        db.session.commit()  # claimed for good before the exchange, which waits on the network
        return sealer().open(sealed, place=_place(key)) if sealed else None

    def delete(self, _key: str) -> None:
        """Do nothing: `get` has taken the row away."""


def _start() -> Start:
    start: Start = g.oauth_start
    return start


def _session_hash() -> str:
    return hash_token(current_session().token or "")


def _place(key: str) -> str:
    return f"oauth_states/{hash_token(key)}"
