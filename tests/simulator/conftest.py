"""One registered app, one clock that stands still."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from coach.simulator.app import create_simulator
from coach.simulator.options import Options
from tests.simulator.browser import CLIENT_ID, REDIRECT_URI, SECRET, Browser, Clock

Build = Callable[..., Flask]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 20, 14, 0, tzinfo=UTC))


@pytest.fixture
def build(clock: Clock) -> Build:
    def simulator(*, seed: int = 1, environment: str = "test", **options: object) -> Flask:
        return create_simulator(
            client_id=CLIENT_ID,
            client_secret=SECRET,
            redirect_uris=[REDIRECT_URI],
            environment=environment,
            seed=seed,
            clock=clock,
            options=Options(per_minute=10_000, per_day=1_000_000, **options),  # type: ignore[arg-type]
        )

    return simulator


@pytest.fixture
def browser(build: Build) -> Browser:
    return Browser(build())
