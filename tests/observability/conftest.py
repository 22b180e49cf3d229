"""An application that logs everything it can, as in production, and shows its metrics."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
import structlog
from flask import Flask
from pydantic import SecretStr

from coach.app import create_app
from coach.observability.logging import configure_logging
from config import Settings
from tests.conftest import close

TOKEN = "metrics-token-for-tests"
Lines: TypeAlias = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def watched(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}))
    yield made
    configure_logging(settings.log_level, as_json=False)
    close(made)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str], settings: Settings) -> Iterator[Lines]:
    """Give what was logged since the last look, in production's form, at DEBUG."""
    configure_logging("DEBUG", as_json=True)
    structlog.contextvars.clear_contextvars()
    yield lambda: [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"
    ]
    structlog.contextvars.clear_contextvars()
    configure_logging(settings.log_level, as_json=False)
