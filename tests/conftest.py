"""One database and one queue for all tests; organisations keep tests apart, as they do people."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from coach import migrating
from coach.accounts.models import TokenDirectory
from coach.app import create_app
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from coach.runtime.home import open_home
from coach.runtime.services import provide
from config import Settings
from tests.cast import Cast, committed_cast
from tests.critic import Critic


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up the figures that tests report, however many processes ran them."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    for title in ("access", "walls", "hostile", "document"):
        figures = Counter[str]()
        for report in reports:
            figures.update(dict(report.user_properties).get(title, {}))
        if figures:
            said = ", ".join(f"{name} {count:,}" for name, count in sorted(figures.items()))
            terminalreporter.write_line(f"{title}: {said}")


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A home that the unprivileged user PostgreSQL runs as may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def settings(home: Path) -> Iterator[Settings]:
    """Settings with every part real: embedded PostgreSQL and Valkey of this session's own."""
    with open_home(home, postgres=True, valkey=True) as services:
        environment = {
            "ENVIRONMENT": "test",
            "COACH_HOME": str(home),
            "DATABASE_URL": str(services.database_url),
            "MIGRATION_DATABASE_URL": str(services.migration_url),
            "REDIS_URL": str(services.redis_url),
            "BASE_URL": "http://localhost",
            "FEATURE_WHOOP_INTEGRATION": "1",
            "WHOOP_CLIENT_ID": "test-client",
            "WHOOP_CLIENT_SECRET": "test-client-secret",
            "WHOOP_API_BASE_URL": "https://whoop.test/developer",
            "WHOOP_OAUTH_BASE_URL": "https://whoop.test/oauth/oauth2",
            "WHOOP_RATE_LIMIT_PER_MINUTE": "100000",  # tests of the limits bring their own
            "WHOOP_RATE_LIMIT_PER_DAY": "1000000",
            "API_RATE_LIMIT_PER_MINUTE": "100000",
            "WHOOP_BACKFILL_DAYS": "0",  # tests of the history bring their own
            "LOG_LEVEL": "ERROR",
        }
        provided = provide(Settings.from_env(environment))
        migrating.upgrade(provided)
        yield provided


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = False  # errors become pages, as for people
    yield made
    close(made)


def close(app: Flask) -> None:
    """Give back every connection of an application that is not needed any more."""
    with app.app_context():
        db.engine.dispose()
    app.extensions["redis"].close()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """Run a test inside the application, acting for nobody."""
    with app.app_context():
        yield
        db.session.rollback()
        db.session.remove()
        act_for_nobody()


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    """Ann coaches Bea and Carl; Zoe's organisation must never see them."""
    with app.app_context():
        made = committed_cast()
    yield made
    # What looks through every organisation must not look through those of all tests before it.
    ended = (made.ann.organisation_id, made.zoe.organisation_id)
    with app.app_context():
        db.session.execute(delete(TokenDirectory).where(TokenDirectory.organisation_id.in_(ended)))
        db.session.commit()


@pytest.fixture
def browser(app: Flask) -> Critic:
    return Critic.of(app)
