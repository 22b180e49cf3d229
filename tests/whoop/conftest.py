"""A simulated WHOOP on a loopback port, and an application whose WHOOP addresses point there."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from coach.app import create_app
from coach.extensions import db
from coach.simulator.app import create_simulator, server
from coach.simulator.options import Options
from coach.whoop.models import WebhookEvent
from coach.work.models import Work
from coach.work.perform import perform
from config import Settings
from tests.cast import Somebody
from tests.conftest import close
from tests.critic import Critic
from tests.whoop.walk import allow_at

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class SimulatedWhoop:
    """Where it is, what it was asked, and its clock."""

    origin: str
    app: Flask
    now: datetime = NOW

    @property
    def calls(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.app.extensions["journal"]]


@pytest.fixture(scope="module")
def whoop() -> Iterator[SimulatedWhoop]:
    made = SimulatedWhoop("", Flask("none"))
    simulator = create_simulator(
        client_id="test-client",
        client_secret="test-client-secret",
        redirect_uris=["http://localhost/cabinet/whoop-callback"],
        environment="test",
        clock=lambda: made.now,
        options=Options(per_minute=100_000, per_day=1_000_000),  # its clock stands still
    )
    running = server(simulator)
    made.origin, made.app = f"http://127.0.0.1:{running.port}", simulator
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield made
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="module")
def linked_app(settings: Settings, whoop: SimulatedWhoop) -> Iterator[Flask]:
    """The application as it is, but for the two WHOOP addresses."""
    made = create_app(
        settings.model_copy(
            update={
                "whoop_api_base_url": f"{whoop.origin}/developer",
                "whoop_oauth_base_url": f"{whoop.origin}/oauth/oauth2",
            }
        )
    )
    yield made
    close(made)


@dataclass
class Linker:
    """Links people through the pages a browser would see, and does the work they cause."""

    app: Flask
    whoop: SimulatedWhoop

    def link(self, who: Somebody, member: str) -> Critic:
        browser: Critic = Critic.of(self.app)
        browser.sign_in(who)
        leaving = browser.post_form(
            "/cabinet/whoop/connect",
            {"agree": "yes", "share": ["recovery", "sleep", "strain", "workouts"]},
        )
        back = allow_at(self.whoop.origin, leaving.text, member)
        answer = browser.get(back)
        assert answer.status_code == 303, answer.text
        return browser

    def work(self, organisation_id: UUID) -> int:
        """Do all open work of an organisation, as a worker would."""
        with self.app.app_context():
            ids = list(
                db.session.scalars(
                    db.select(Work.id).where(
                        Work.organisation_id == organisation_id, Work.state == "waiting"
                    )
                )
            )
            db.session.remove()
            for work_id in ids:
                perform(str(work_id))
        return len(ids)


@pytest.fixture
def linker(linked_app: Flask, whoop: SimulatedWhoop) -> Linker:
    whoop.now = NOW
    with linked_app.app_context():  # what other tests announced of these members is forgotten
        db.session.execute(db.delete(WebhookEvent))
        db.session.commit()
        db.session.remove()
    return Linker(linked_app, whoop)
