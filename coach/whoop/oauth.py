"""The grant: Authlib for redirect and exchange; refresh under a row lock by plain httpx.

Authlib would also refresh, but without a lock that other processes see; with rotating refresh
tokens that loses the connection. So no library refreshes behind our back.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeAlias
from uuid import UUID

import requests
from authlib.common.security import generate_token
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, current_app
from sqlalchemy import ColumnElement, Connection, select, update

from coach.database.tenancy import acting_for
from coach.extensions import db, sealer, settings
from coach.outbound import Outbound, OutboundError
from coach.whoop.errors import MustReconnect, OurFault, SlowDown, Unavailable, WhoopError
from coach.whoop.models import IntegrationTokens
from coach.whoop.states import StateCache

EXCHANGE_TIMEOUT = (5, 15)
STATE_LENGTH = 43
EARLY = timedelta(minutes=5)
# Longer than this between lock and sending means we were paused: somebody else may hold the lock.
MOST_SECONDS_BEFORE_SENDING = 2.0
REFRESH_DEADLINE_SECONDS = 25.0
DEAD_GRANT = {"invalid_grant", "invalid_scope"}
WRONG_APP = {"invalid_client", "unauthorized_client"}

StillNeeded: TypeAlias = Callable[[str, datetime], bool]

EXTENSION = "whoop_oauth"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A fresh pair of tokens and what it allows; never logged."""

    access: str
    refresh: str | None
    expires_at: datetime
    scopes: frozenset[str]

    @classmethod
    def parse(cls, answer: dict[str, object], *, now: datetime) -> Self:
        """Read a token answer; raises OurFault when the grant is too small to be of use."""
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str):
            raise Unavailable("the token answer held no access token")
        return cls(
            access=access,
            refresh=refresh if isinstance(refresh, str) else None,
            expires_at=now + _lifetime(answer.get("expires_in")),
            scopes=frozenset(str(answer.get("scope", "")).split()),
        )


def _lifetime(said: object) -> timedelta:
    """Read expires_in; nonsense counts as an hour, because a refusal of the token corrects us."""
    text = str(said)
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 3600
    return timedelta(seconds=seconds)


def register(app: Flask) -> None:
    """Tell Authlib where WHOOP is and who we are."""
    known = app.config["SETTINGS"]
    registry = OAuth(app, cache=StateCache())
    app.extensions[EXTENSION] = registry.register(
        "whoop",
        client_id=known.whoop_client_id,
        client_secret=known.whoop_client_secret.get_secret_value(),
        authorize_url=f"{known.whoop_oauth_base_url}/auth",
        access_token_url=f"{known.whoop_oauth_base_url}/token",
        client_kwargs={
            "scope": known.whoop_scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
        },
    )


def authorization_url(redirect_uri: str) -> str:
    """Give WHOOP's address to send the browser to; state and verifier wait in our own table."""
    answer = current_app.extensions[EXTENSION].authorize_redirect(
        redirect_uri, state=generate_token(STATE_LENGTH)
    )
    return str(answer.location)


def exchange() -> Tokens:
    """Turn the code of the current request into tokens; raises WhoopError.

    The state, its PKCE verifier and its redirect URI come from our own table, once.
    """
    try:
        answer = current_app.extensions[EXTENSION].authorize_access_token(
            timeout=EXCHANGE_TIMEOUT, allow_redirects=False
        )
    except OAuthError as error:
        if str(error.error) in WRONG_APP:
            raise OurFault(f"WHOOP refuses this installation: {error.error}") from None
        raise MustReconnect(str(error.error)) from None
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(type(error).__name__) from None
    return Tokens.parse(dict(answer), now=datetime.now(UTC))


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


def ask_for_tokens(refresh_token: str) -> Tokens:
    """Spend a refresh token; raises MustReconnect, OurFault, SlowDown or Unavailable."""
    known = settings()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": known.whoop_client_id,
        "client_secret": known.whoop_client_secret.get_secret_value(),
        "scope": "offline",
    }
    try:
        answer = Outbound([known.whoop_oauth_base_url]).request(
            "POST",
            f"{known.whoop_oauth_base_url}/token",
            data=form,
            deadline_seconds=REFRESH_DEADLINE_SECONDS,
        )
    except OutboundError as error:
        raise Unavailable(type(error).__name__) from error
    body = _json_object(answer.body)
    if answer.status != 200:
        raise _verdict(answer.status, body)
    return Tokens.parse(body, now=datetime.now(UTC))


def _verdict(status: int, body: dict[str, object]) -> WhoopError:
    """Sort a refusal by what to do; only WHOOP's own words condemn a grant."""
    error = str(body.get("error"))
    if error in DEAD_GRANT:
        return MustReconnect(str(error))
    if error in WRONG_APP:
        return OurFault(f"WHOOP refuses this installation: {error}")
    if status == 429:
        return SlowDown(60)
    return Unavailable(f"the token endpoint answered {status}")


def _json_object(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
