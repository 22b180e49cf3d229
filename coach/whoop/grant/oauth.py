"""The grant: Authlib for redirect and exchange; a refresh is one plain call by httpx.

Authlib would also refresh, but without a lock that other processes see; with rotating refresh
tokens that loses the connection. So no library refreshes behind our back: `keeping` does.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

import requests
from authlib.common.security import generate_token
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App, OAuthError

from coach.extensions import settings
from coach.outbound import Outbound, OutboundError
from coach.whoop.apps import App
from coach.whoop.client.watching import watched
from coach.whoop.errors import MustReconnect, OurFault, Unavailable
from coach.whoop.grant.states import StateCache
from coach.whoop.grant.verdicts import WRONG_APP, Outcome, json_object, sort

EXCHANGE_TIMEOUT = (5, 15)
STATE_LENGTH = 43
_ELSEWHERE = "elsewhere_"  # apart from what Authlib keeps for our own callback
# To give up costs the grant if WHOOP answers after all, so we are as patient as the lock allows.
REFRESH_DEADLINE_SECONDS = 50.0


class NoTokens(Exception):
    """A refresh brought no tokens; `outcome` says what that means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Tokens:
    """A fresh pair of tokens, how long they last and what they allow; never logged."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    lasts: timedelta
    scopes: frozenset[str]

    @classmethod
    def parse(cls, answer: dict[str, object]) -> Self:
        """Read a token answer; raises OurFault when the grant is too small to be of use."""
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str):
            raise Unavailable("the token answer held no access token")
        return cls(
            access=access,
            refresh=refresh if isinstance(refresh, str) else None,
            lasts=_lifetime(answer.get("expires_in")),
            scopes=frozenset(str(answer.get("scope", "")).split()),
        )


def _lifetime(said: object) -> timedelta:
    """Read expires_in; nonsense counts as an hour, because a refusal of the token corrects us."""
    text = str(said)
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 3600
    return timedelta(seconds=seconds)


def authorization_url(app: App) -> str:
    """Give WHOOP's address to send the browser to; state and verifier wait in our own table."""
    answer = _at_whoop(app).authorize_redirect(
        app.callback_address, state=generate_token(STATE_LENGTH)
    )
    return str(answer.location)


def exchange(app: App) -> Tokens:
    """Turn the code of the current request into tokens; raises WhoopError.

    The state, its PKCE verifier and its redirect URI come from our own table, once.
    """
    return _tokens_for(
        lambda: _at_whoop(app).authorize_access_token(
            timeout=EXCHANGE_TIMEOUT, allow_redirects=False
        )
    )


def _tokens_for(ask: Callable[[], Mapping[str, object]]) -> Tokens:
    try:
        answer = ask()
    except OAuthError as error:
        if str(error.error) in WRONG_APP:
            raise OurFault(f"WHOOP refuses this installation: {error.error}") from None
        raise MustReconnect(str(error.error)) from None
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(type(error).__name__) from None
    return Tokens.parse(dict(answer))


def begin_elsewhere(app: App, redirect_uri: str) -> tuple[str, str]:
    """Give WHOOP's address, and the state, for a front end that brings the code back itself."""
    made = _at_whoop(app).create_authorization_url(redirect_uri, state=generate_token(STATE_LENGTH))
    state = str(made.pop("state"))
    url = str(made.pop("url"))
    StateCache().set(_ELSEWHERE + state, json.dumps({**made, "redirect_uri": redirect_uri}), 0)
    return url, state


def exchange_elsewhere(app: App, code: str, state: str) -> Tokens:
    """Turn a code that a front end was given into tokens; raises WhoopError."""
    kept = StateCache().get(_ELSEWHERE + state)
    if kept is None:
        raise MustReconnect("the state is not known")
    return _tokens_for(
        lambda: _at_whoop(app).fetch_access_token(
            **json.loads(kept), code=code, timeout=EXCHANGE_TIMEOUT, allow_redirects=False
        )
    )


def ask_for_tokens(refresh_token: str, app: App) -> Tokens:
    """Spend a refresh token; raises NoTokens."""
    known = settings()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": app.client_id,
        "client_secret": app.secret,
        "scope": "offline",
    }
    try:
        with watched("/token") as call:
            answer = Outbound([known.whoop_oauth_base_url]).request(
                "POST",
                f"{known.whoop_oauth_base_url}/token",
                data=form,
                deadline_seconds=REFRESH_DEADLINE_SECONDS,
                read_seconds=REFRESH_DEADLINE_SECONDS,
            )
            call.status = str(answer.status)
    except OutboundError as error:
        raise NoTokens(Outcome.UNKNOWN if error.sent else Outcome.LATER) from error
    body = json_object(answer.body)
    if answer.status != 200 or not isinstance(body.get("access_token"), str):
        raise NoTokens(sort(answer.status, answer.body))
    return Tokens.parse(body)


def _at_whoop(app: App) -> FlaskOAuth2App:
    """Tell Authlib where WHOOP is and who we are; anew each time, for secrets are replaced."""
    known = settings()
    return FlaskOAuth2App(
        FlaskIntegration("whoop", StateCache()),
        "whoop",
        client_id=app.client_id,
        client_secret=app.secret,
        authorize_url=f"{known.whoop_oauth_base_url}/auth",
        access_token_url=f"{known.whoop_oauth_base_url}/token",
        client_kwargs={
            "scope": known.whoop_scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
        },
    )
