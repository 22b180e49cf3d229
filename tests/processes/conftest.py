"""An installation of its own: what runs here would do the work of every other test too."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from rq import Worker
from rq_scheduler import Scheduler

from coach import migrating, schedule
from coach.app import create_app
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from coach.runtime.home import Services, open_home
from coach.runtime.services import provide
from coach.work.dispatch import rq_queue
from coach.work.models import Queue
from config import Settings
from tests.cast import Cast, committed_cast
from tests.conftest import close
from tests.processes.gate import Gate
from tests.processes.stage import ForgetfulValkey, Stage, free_port, wait_until

KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")


@pytest.fixture(scope="session")
def valkey() -> Iterator[ForgetfulValkey]:
    made = ForgetfulValkey()
    yield made
    made.close()


@pytest.fixture(scope="session")
def processes_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="session")
def database(processes_home: Path) -> Iterator[Services]:
    with open_home(processes_home, postgres=True, valkey=False) as services:
        yield services


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    with Gate(f"http://127.0.0.1:{free_port()}") as gate:
        yield gate


@pytest.fixture(scope="session")
def stage(
    processes_home: Path, database: Services, valkey: ForgetfulValkey, gate: Gate
) -> Iterator[Stage]:
    """Give an installation with its schema, in which nothing runs yet."""
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "ENVIRONMENT": "test",
        "COACH_HOME": str(processes_home),
        "DATABASE_URL": str(database.database_url),
        "MIGRATION_DATABASE_URL": str(database.migration_url),
        "REDIS_URL": valkey.url,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": "test-client",
        "WHOOP_CLIENT_SECRET": "test-client-secret",
        "WHOOP_API_BASE_URL": f"{gate.origin}/developer",
        "WHOOP_RATE_LIMIT_PER_MINUTE": "100000",
        "WHOOP_RATE_LIMIT_PER_DAY": "1000000",
        "WHOOP_OAUTH_BASE_URL": f"{gate.beyond}/oauth/oauth2",
    }
    made = Stage(processes_home, environment)
    migrating.upgrade(provide(Settings.from_env(environment)))
    yield made
    made.close()


@pytest.fixture
def running(stage: Stage, valkey: ForgetfulValkey, gate: Gate) -> Stage:
    """Let the commands of docker-compose.yml and the simulated WHOOP run, and be ready."""
    port = gate.beyond.rpartition(":")[2]
    for words in (
        ["simulator", "--port", port],
        ["web", "--workers", "1"],
        ["worker"],
        ["scheduler"],
    ):
        stage.keep(*words)
    for address in (f"{gate.beyond}/", f"{base_url(stage)}/readyz"):
        wait_until(lambda at=address: answers(at), what=f"an answer of {address}")  # type: ignore[misc]
    wait_until(lambda: all(workers_of(valkey, each) for each in Queue), what="five workers")
    wait_until(lambda: scheduled(valkey) == names(), what="the schedule")
    return stage


@pytest.fixture(scope="session")
def office(stage: Stage) -> Iterator[Flask]:
    """Give the application inside the test, to look at what the processes did."""
    made = create_app(provide(Settings.from_env(stage.environment)))
    yield made
    close(made)


@pytest.fixture
def people(office: Flask) -> Cast:
    with office.app_context():
        return committed_cast()


@pytest.fixture
def inside(office: Flask) -> Iterator[None]:
    with office.app_context():
        yield
        db.session.rollback()
        db.session.remove()
        act_for_nobody()


def base_url(stage: Stage) -> str:
    return stage.environment["BASE_URL"]


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def workers_of(valkey: ForgetfulValkey, queue: Queue) -> int:
    return Worker.count(queue=rq_queue(valkey.binary, queue))


def scheduled(valkey: ForgetfulValkey) -> set[str]:
    return {str(name) for name in valkey.redis.zrange(Scheduler.scheduled_jobs_key, 0, -1)}


def names() -> set[str]:
    return {entry.name for entry in schedule.SCHEDULE}
