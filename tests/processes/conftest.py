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
from coach.runtime.services import provide
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.models import QuotaLedger, WhoopLink
from coach.work.dispatch import rq_queue
from coach.work.models import Queue
from config import Settings
from tests import loopback
from tests.cast import Cast, committed_cast
from tests.conftest import close
from tests.processes.crashing import CrashingPostgres
from tests.processes.gate import Gate
from tests.processes.quiet import allow, leave_alone, set_clock
from tests.processes.stage import ForgetfulValkey, Stage, free_port, wait_until
from tests.processes.whoop_side import WhoopSide

METRICS_TOKEN = "metrics-of-these-processes"
HERE = Path(__file__).parent
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test here be ended for the time that busy processes take."""
    for each in items:
        if each.path.is_relative_to(HERE) and not each.get_closest_marker("timeout"):
            each.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def valkey() -> Iterator[ForgetfulValkey]:
    made = ForgetfulValkey()
    yield made
    made.close()


@pytest.fixture(scope="session")
def processes_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="session")
def database(processes_home: Path) -> Iterator[CrashingPostgres]:
    made = CrashingPostgres(processes_home)
    yield made
    made.close()


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    with Gate(f"http://127.0.0.1:{free_port()}") as gate:
        yield gate


@pytest.fixture(scope="session")
def stage(
    processes_home: Path, database: CrashingPostgres, valkey: ForgetfulValkey, gate: Gate
) -> Iterator[Stage]:
    """Give an installation with its schema, in which nothing runs yet."""
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "ENVIRONMENT": "test",
        "COACH_HOME": str(processes_home),
        "DATABASE_URL": database.urls.app,
        "MIGRATION_DATABASE_URL": database.urls.migration,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "METRICS_TOKEN": METRICS_TOKEN,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": "test-client",
        "WHOOP_CLIENT_SECRET": "test-client-secret",
        "WHOOP_API_BASE_URL": f"{gate.origin}/developer",
        "WHOOP_RATE_LIMIT_PER_MINUTE": "100000",
        "WHOOP_RATE_LIMIT_PER_DAY": "1000000",
        "WHOOP_BACKFILL_DAYS": "0",  # tests of the history bring their own
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


@pytest.fixture
def whoop(running: Stage, gate: Gate) -> WhoopSide:  # noqa: ARG001  # its doors must be there
    return WhoopSide(gate.beyond)


@pytest.fixture
def anew(inside: None, whoop: WhoopSide, gate: Gate) -> Iterator[None]:  # noqa: ARG001
    """Let nothing that other tests did to WHOOP, or to our apps there, be remembered."""
    for table in (TokenCall, AppStanding, QuotaLedger, WhoopLink):
        db.session.execute(db.delete(table))
    db.session.commit()
    whoop.start_anew()
    yield
    gate.open()
    whoop.start_anew()


@pytest.fixture
def standing(running: Stage, gate: Gate) -> Iterator[WhoopSide]:
    """Let the clock of WHOOP stand, so that nothing happens to members but what a test does.

    Whoever was linked before is left alone from now on.
    """
    leave_alone(running.environment["MIGRATION_DATABASE_URL"])
    whoop = WhoopSide(gate.beyond)
    whoop.start_anew()
    set_clock(whoop, ticking=False)
    allow(whoop, base_url(running), per_minute=100_000, per_day=1_000_000)  # as our settings
    yield whoop
    allow(whoop, base_url(running), per_minute=1000, per_day=100_000)
    whoop.follow()
    whoop.announce_all()
    set_clock(whoop, ticking=True)


def base_url(stage: Stage) -> str:
    return stage.environment["BASE_URL"]


def answers(address: str) -> bool:
    try:
        return loopback.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def workers_of(valkey: ForgetfulValkey, queue: Queue) -> int:
    return Worker.count(queue=rq_queue(valkey.binary, queue))


def scheduled(valkey: ForgetfulValkey) -> set[str]:
    return {str(name) for name in valkey.redis.zrange(Scheduler.scheduled_jobs_key, 0, -1)}


def names() -> set[str]:
    return {entry.name for entry in schedule.SCHEDULE}
