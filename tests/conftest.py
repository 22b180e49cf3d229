"""One database and one queue for all tests; organisations keep tests apart, as they do people."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import delete
from xdist.remote import Producer  # type: ignore[import-untyped]  # it ships no types
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from coach import app as application
from coach import migrating
from coach.accounts import passwords
from coach.accounts.models import TokenDirectory
from coach.app import create_app
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from coach.runtime.home import open_home
from coach.runtime.services import provide
from config import Settings
from tests import cheap
from tests.cast import Cast, committed_cast
from tests.critic import Critic

# Each has an installation of its own, which takes long to start: one process gets the whole folder,
# and first of all, so that no process is left alone with it at the end.
IN_ONE_PIECE = ("tests/processes/", "tests/browser/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; what comes after stays in its random order."""
    items.sort(key=lambda item: _folder_in_one_piece(item.nodeid) or "~")


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer | None
) -> LoadFileScheduling | None:
    """Hand tests out to processes in the order that they have here."""
    if config.option.dist != "loadfile":
        return None
    config.option.loadscopereorder = False
    return FoldersInOnePiece(config, log)


class FoldersInOnePiece(LoadFileScheduling):  # type: ignore[misc]  # it ships no types
    """Gives each process one file after the other, but some folders whole."""

    def _split_scope(self, nodeid: str) -> str:
        return _folder_in_one_piece(nodeid) or str(super()._split_scope(nodeid))


def _folder_in_one_piece(nodeid: str) -> str | None:
    return next((folder for folder in IN_ONE_PIECE if nodeid.startswith(folder)), None)


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
        cheap.let_not_wait_for_the_disk(home)
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


@pytest.fixture(scope="session", autouse=True)
def documented_hasher() -> Iterator[PasswordHasher]:
    """Let passwords be hashed cheaply; gives what hashes them outside of tests."""
    documented = passwords.HASHER
    passwords.HASHER = cheap.HASHER
    yield documented
    passwords.HASHER = documented


@pytest.fixture(scope="session", autouse=True)
def documented_patience() -> float:
    """Let a busy machine's queue take a while to answer; gives how long it may outside of tests."""
    documented, application.QUEUE_SECONDS = application.QUEUE_SECONDS, 10.0
    return documented


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
