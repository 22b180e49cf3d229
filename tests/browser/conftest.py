"""One installation for all stories, and a browser for each guest."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from coach import migrating
from coach.app import create_app
from coach.demo.visitor import Visitor
from coach.runtime.home import open_home
from coach.runtime.services import provide
from config import Settings
from tests import cheap
from tests.browser.guest import Guest
from tests.browser.people import KEEPS, SHARES, make_everybody
from tests.cast import PASSWORD
from tests.chromium import MISSING, find_chromium
from tests.conftest import close
from tests.processes.conftest import KEPT, answers
from tests.processes.stage import Stage, free_port, wait_until

PROGRAMS = ("web", "scheduler", "worker sync", "worker import", "worker upkeep")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenGuest = Callable[..., Guest]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that stories were left out."""
    if find_chromium() is None:
        terminalreporter.write_line(MISSING.strip(), red=True)


@pytest.fixture(scope="session")
def executable() -> str:
    found = find_chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(MISSING, pytrace=False)
    return found or pytest.skip(MISSING.strip())


@pytest.fixture(scope="package")
def installation(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give web, workers, scheduler and the simulated WHOOP, all running, with everybody in it."""
    assert executable
    home = tmp_path_factory.mktemp("browser")
    with open_home(home, postgres=True, valkey=True) as services:
        cheap.let_not_wait_for_the_disk(home)
        stage = Stage(
            home,
            _environment(home, free_port(), free_port())
            | {
                "DATABASE_URL": str(services.database_url),
                "MIGRATION_DATABASE_URL": str(services.migration_url),
                "REDIS_URL": str(services.redis_url),
            },
        )
        try:
            _open(stage)
            yield stage
        finally:
            stage.close()
    failed = [program.said for program in stage.programs if "Traceback" in program.said]
    assert not failed, failed[0]


@pytest.fixture(scope="package")
def lived_in(installation: Stage) -> Stage:
    """Let two clients link WHOOP and share, by HTTP alone, so that there is something to see."""
    base_url = installation.environment["BASE_URL"]
    whoop = installation.environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
    with ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(base_url, whoop)) for _ in (SHARES, KEEPS)]
        for person, visitor in zip((SHARES, KEEPS), visitors, strict=True):
            visitor.sign_in(person.email, PASSWORD)
            visitor.link_whoop(str(person.member))
        for visitor in visitors:
            visitor.wait_until_synced()
    return installation


@pytest.fixture(scope="package")
def chromium(executable: str) -> Iterator[Browser]:
    """Start the browser; it keeps pages for going back to, as people's browsers do."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=executable,
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )


@pytest.fixture(scope="package")
def app(installation: Stage) -> Iterator[Flask]:
    """Give an application of our own on the database of the installation."""
    made = create_app(Settings.from_env(installation.environment))
    yield made
    close(made)


@pytest.fixture
def guest(chromium: Browser, app: Flask, installation: Stage) -> Iterator[OpenGuest]:
    """Open browsers, and let no complaint of any of them pass."""
    guests: list[Guest] = []

    def open_guest(
        email: str = "", *, javascript: bool = True, locale: str = "en-GB", **looks: Any
    ) -> Guest:
        context = chromium.new_context(
            base_url=installation.environment["BASE_URL"],
            locale=locale,
            java_script_enabled=javascript,
            **looks,
        )
        guests.append(Guest.of(context, app))
        return guests[-1].sign_in(email) if email else guests[-1]

    yield open_guest
    for each in guests:
        each.page.context.close()
    assert [complaint for each in guests for complaint in each.complaints] == []


def _open(stage: Stage) -> None:
    settings = provide(Settings.from_env(stage.environment))
    migrating.upgrade(settings)
    for words in PROGRAMS:
        stage.start(*words.split())
    whoop_port = stage.environment["WHOOP_API_BASE_URL"].rpartition(":")[2].partition("/")[0]
    stage.start("simulator", "--port", whoop_port)
    app = create_app(settings)
    with app.app_context():
        make_everybody()
    close(app)
    for address in (f"http://127.0.0.1:{whoop_port}/", f"{settings.base_url}/sign-in"):
        wait_until(lambda at=address: answers(at), what=f"an answer of {address}")  # type: ignore[misc]


def _environment(home: Path, port: int, whoop_port: int) -> dict[str, str]:
    whoop = f"http://127.0.0.1:{whoop_port}"
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "ENVIRONMENT": "test",
        "COACH_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": "test-client",
        "WHOOP_CLIENT_SECRET": "test-client-secret",
        "WHOOP_API_BASE_URL": f"{whoop}/developer",
        "WHOOP_OAUTH_BASE_URL": f"{whoop}/oauth/oauth2",
        "WHOOP_RATE_LIMIT_PER_MINUTE": "100000",
        "WHOOP_RATE_LIMIT_PER_DAY": "1000000",
    }
