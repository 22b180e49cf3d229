"""A member's browser and the app behind it, talking to the simulator without a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, cast
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CLIENT_ID, SECRET = "coach-client", "coach-secret"
REDIRECT_URI = "https://coach.test/cabinet/whoop-callback"
SCOPE = (
    "offline read:recovery read:cycles read:workout read:sleep read:profile read:body_measurement"
)
STATE = "s" * 32
HEAVY_TRAINER, TRAVELLER, NEWCOMER, STRAP_OFF, OLD_STRAP = 10129, 10131, 10133, 10134, 10135
NAPPER, EARLY_BIRD, PARENT, SYDNEY = 10136, 10137, 10138, 10140
EVERYBODY = range(10129, 10141)
JsonObject = dict[str, object]


class Tokens(TypedDict):
    access_token: str
    refresh_token: str
    scope: str
    expires_in: int
    token_type: str


@dataclass
class Clock:
    """A clock that only moves when told."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how_far: float) -> None:
        self.now += timedelta(**how_far)


class Browser:
    """Signs in, decides, and hands the app's requests over."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def authorize(self, **changes: str) -> TestResponse:
        asked = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPE,
            "state": STATE,
        }
        return self.client.get("/oauth/oauth2/auth", query_string=asked | changes)

    def consent_page(self, user_id: int, **changes: str) -> str:
        """Sign in and return the address of the consent page."""
        login = self.authorize(**changes).location
        key = answers(login)["login_challenge"]
        people = [f"{name}@members.example" for name in NAMES]
        form = {"login_challenge": key, "email": people[user_id - 10129], "password": "any"}
        return self.client.post("/oauth/login", data=form).location

    def decide(self, user_id: int, decision: str, **changes: str) -> Mapping[str, str]:
        """Go all the way and return what the app is told."""
        key = answers(self.consent_page(user_id, **changes))["consent_challenge"]
        form = {"consent_challenge": key, "decision": decision}
        return answers(self.client.post("/oauth/consent", data=form).location)

    def token(self, **form: str) -> TestResponse:
        app = {"client_id": CLIENT_ID, "client_secret": SECRET}
        return self.client.post("/oauth/oauth2/token", data=app | form)

    def exchange(self, code: str, **form: str) -> TestResponse:
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        return self.token(**(asked | form))

    def refresh(self, token: str) -> TestResponse:
        return self.token(grant_type="refresh_token", refresh_token=token, scope="offline")

    def link(self, user_id: int, scope: str = SCOPE) -> Tokens:
        code = self.decide(user_id, "allow", scope=scope)["code"]
        return cast("Tokens", self.exchange(code).get_json())

    def get(self, token: str, path: str, **query: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.get(f"/developer{path}", query_string=query, headers=headers)

    def records(self, token: str, path: str, **query: str) -> list[JsonObject]:
        """Return the whole collection, all pages of it."""
        found: list[JsonObject] = []
        while True:
            page = self.get(token, path, limit="25", **query).get_json()
            found += page["records"]
            if page["next_token"] is None:
                return found
            query["nextToken"] = page["next_token"]


def answers(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


NAMES = (
    "mara", "noah", "tessa", "omar", "finn", "lena",
    "hugo", "ines", "ada", "priya", "walter", "june",
)  # fmt: skip
