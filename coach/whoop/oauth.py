"""The grant: Authlib for redirect and exchange; a refresh is one plain call by httpx.

Authlib would also refresh, but without a lock that other processes see; with rotating refresh
tokens that loses the connection. So no library refreshes behind our back: `keeping` does.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import requests
from authlib.common.security import generate_token
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, current_app

from coach.extensions import settings
from coach.outbound import Outbound, OutboundError
from coach.whoop.errors import MustReconnect, OurFault, SlowDown, Unavailable, WhoopError
from coach.whoop.states import StateCache

EXCHANGE_TIMEOUT = (5, 15)
STATE_LENGTH = 43
REFRESH_DEADLINE_SECONDS = 25.0
DEAD_GRANT = {"invalid_grant", "invalid_scope"}
WRONG_APP = {"invalid_client", "unauthorized_client"}

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
