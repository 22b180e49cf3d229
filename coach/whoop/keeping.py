"""The tokens of one integration: refreshed once for everybody, under the lock of their row."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, update

from coach.database.tenancy import acting_for
from coach.extensions import db, sealer
from coach.whoop.errors import MustReconnect, Unavailable
from coach.whoop.models import IntegrationTokens
from coach.whoop.oauth import Tokens, ask_for_tokens

EARLY = timedelta(minutes=5)
# Longer than this between lock and sending means we were paused: somebody else may hold the lock.
MOST_SECONDS_BEFORE_SENDING = 2.0

StillNeeded: TypeAlias = Callable[[str, datetime], bool]


class TokenKeeper:
    """The tokens of one integration: reads, refreshes once for everybody, saves before use."""

    def __init__(self, integration_id: UUID, organisation_id: UUID, scopes: frozenset[str]) -> None:
        self.scopes = scopes
        self._integration_id = integration_id
        self._organisation_id = organisation_id

    def access_token(self) -> str:
        """Give a token that lives for some minutes more; raises WhoopError."""
        with acting_for(self._organisation_id), db.engine.begin() as connection:
            access, _, expires_at = self._read(connection)
        if expires_at - datetime.now(UTC) > EARLY:
            return access
        return self._refresh(lambda _access, expires: expires - datetime.now(UTC) <= EARLY)

    def stored_access_token(self) -> str:
        """Give the stored token as it is, without refreshing."""
        with acting_for(self._organisation_id), db.engine.begin() as connection:
            return self._read(connection)[0]

    def renewed_after(self, rejected: str) -> str:
        """Give another token than the one WHOOP refused; raises WhoopError."""
        return self._refresh(lambda access, _expires: access == rejected)

    def _refresh(self, still_needed: StillNeeded) -> str:
        """Refresh under the row's lock, unless another process has done so meanwhile."""
        with acting_for(self._organisation_id), db.engine.begin() as connection:
            access, refresh, expires_at = self._read(connection, lock=True)
            locked = time.monotonic()
            if not still_needed(access, expires_at):
                return access
            if refresh is None:
                raise MustReconnect("there is no refresh token")
            if time.monotonic() - locked > MOST_SECONDS_BEFORE_SENDING:
                raise Unavailable("paused while holding the token")
            tokens = ask_for_tokens(refresh)
            self._save(connection, tokens)
        return tokens.access

    def _read(
        self, connection: Connection, *, lock: bool = False
    ) -> tuple[str, str | None, datetime]:
        wanted = select(
            IntegrationTokens.access_token,
            IntegrationTokens.refresh_token,
            IntegrationTokens.token_expires_at,
        ).where(*self._row())
        if lock:
            wanted = wanted.with_for_update(key_share=True)
        found = connection.execute(wanted).one_or_none()
        if found is None:
            raise MustReconnect("the link was cut")
        access, refresh, expires_at = found
        opened = sealer().open(refresh, place=self._place("refresh_token")) if refresh else None
        return sealer().open(access, place=self._place("access_token")), opened, expires_at

    def _save(self, connection: Connection, tokens: Tokens) -> None:
        connection.execute(
            update(IntegrationTokens).where(*self._row()).values(self.sealed(tokens))
        )

    def sealed(self, tokens: Tokens) -> dict[str, object]:
        """Give the columns of a pair of tokens, sealed for this integration's row."""
        refresh = tokens.refresh
        return {
            "access_token": sealer().seal(tokens.access, place=self._place("access_token")),
            "refresh_token": refresh and sealer().seal(refresh, place=self._place("refresh_token")),
            "token_expires_at": tokens.expires_at,
        }

    def _row(self) -> tuple[ColumnElement[bool], ...]:
        return (
            IntegrationTokens.organisation_id == self._organisation_id,
            IntegrationTokens.integration_id == self._integration_id,
        )

    def _place(self, field: str) -> str:
        return f"{self._organisation_id}/{self._integration_id}/{field}"
