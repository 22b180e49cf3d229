"""An organisation's own WHOOP app: entered through the owner's page, and known at WHOOP."""

from uuid import UUID

from flask import Flask

from coach.extensions import db
from coach.simulator.apps import Registration
from coach.simulator.world import world_of
from coach.whoop.models import WhoopApp
from tests.cast import Somebody
from tests.critic import Critic
from tests.whoop.conftest import SimulatedWhoop

PAGE = "/organisation/whoop"
CLIENT_ID, SECRET, NEW_SECRET = "own-client", "own-canary-secret-1", "own-canary-secret-2"


def enter(app: Flask, owner: Somebody, secret: str = SECRET) -> tuple[Critic, str]:
    """Enter an app; gives the owner's browser and the slug."""
    browser: Critic = Critic.of(app)
    browser.sign_in(owner)
    answer = browser.post_form(PAGE, {"client_id": CLIENT_ID, "secret": secret})
    assert answer.status_code == 303, answer.text
    return browser, slug_of(app, owner.organisation_id)


def slug_of(app: Flask, organisation_id: UUID) -> str:
    with app.app_context():
        wanted = db.select(WhoopApp.slug).where(WhoopApp.organisation_id == organisation_id)
        return str(db.session.scalars(wanted).one())


def register_at_whoop(whoop: SimulatedWhoop, slug: str, secret: str = SECRET) -> None:
    """Type an app into WHOOP's dashboard; again with another secret, and the old one is dead."""
    addresses = frozenset({f"http://localhost/cabinet/whoop-callback/{slug}"})
    app = Registration(CLIENT_ID, secret, addresses, per_minute=100_000, per_day=1_000_000)
    world_of(whoop.app).apps.register(app)
