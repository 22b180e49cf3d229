"""A simulated WHOOP without a network, whose clock stands until it is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coach.simulator.app import create_simulator
from coach.simulator.clock import Clock
from coach.simulator.delivery import Delivery
from coach.simulator.faults import Script
from coach.simulator.options import Options
from coach.simulator.world import World, world_of
from tests.simulator.browser import CLIENT_ID, REDIRECT_URI, SECRET, JsonObject

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
WEBHOOK = "https://coach.test/webhooks/whoop"


def simulator(**options: object) -> Flask:
    usual: dict[str, object] = {"per_minute": 100_000, "per_day": 1_000_000, "webhook_url": WEBHOOK}
    return create_simulator(
        client_id=CLIENT_ID,
        client_secret=SECRET,
        redirect_uris=[REDIRECT_URI],
        environment="test",
        clock=Clock(NOW, ticking=False),
        options=Options(**(usual | options)),  # type: ignore[arg-type]  # by name, as given
    )


class Linked:
    """An app's view of one linked member."""

    def __init__(self, app: Flask, user_id: int, client_id: str = CLIENT_ID) -> None:
        self.client: FlaskClient = app.test_client()
        self.world: World = world_of(app)
        self.user_id = user_id
        self.pair = self.world.grant(user_id, client_id=client_id)

    def get(self, path: str, **query: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.pair.access_token}"}
        return self.client.get(f"/developer/v2{path}", query_string=query, headers=headers)

    def records(self, path: str) -> list[JsonObject]:
        """Return the newest 25."""
        self.pair = self.world.grant(self.user_id)  # the old token may be too old by now
        found: list[JsonObject] = self.get(path, limit="25").get_json()["records"]
        return found

    def refresh(self, token: str) -> TestResponse:
        form = {"client_id": CLIENT_ID, "client_secret": SECRET, "refresh_token": token}
        form["grant_type"] = "refresh_token"
        return self.client.post("/oauth/oauth2/token", data=form)


def days(world: World, number: float, step: timedelta = timedelta(hours=1)) -> Iterator[Delivery]:
    """Let so many days go by and take every delivery."""
    end = world.clock() + timedelta(days=number)
    while world.clock() < end:
        for delivery in world.advance(min(end, world.clock() + step)):
            world.answered(delivery, 204)
            yield delivery


def go_wrong(world: World, kind: str, match: JsonObject | None = None, **effect: object) -> None:
    """Let one fault fall from now on."""
    fault = {"name": kind, "match": match or {}, "effect": {"kind": kind, **effect}}
    world.follow(Script.model_validate({"faults": [fault]}))
