"""Two hosts with web and workers of their own share one PostgreSQL and one Redis; one vanishes.

The hosts are network namespaces on a bridge: each has its own loopback, its own address and a cable
that can be cut. PostgreSQL is Debian's 15, as a server of ours would be.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import func, select

from coach import migrating
from coach.app import create_app
from coach.extensions import db
from coach.ids import new_id
from coach.insights.rolling import SERIES
from coach.runtime.services import provide
from coach.runtime.wheels import valkey_program
from coach.work.asking import ask
from coach.work.dispatch import rq_queue
from coach.work.models import Queue, Work, WorkState
from config import Settings
from tests import loopback
from tests.cast import committed_cast
from tests.conftest import close
from tests.growth.people import cookie_of
from tests.processes.stage import wait_until

BIN = Path("/usr/lib/postgresql/15/bin")
NET = "10.203.77"
BRIDGE, HERE = "coachbr", f"{NET}.1"
HOSTS = {"coach-a": f"{NET}.11", "coach-b": f"{NET}.12"}
POSTGRES, VALKEY, WEB = 18_432, 18_379, 18_080
PIECES = 60


def reason_not_to() -> str | None:
    if os.geteuid() != 0 or not shutil.which("ip"):
        return "network namespaces need root and iproute2"
    if not (BIN / "postgres").exists():
        return "Debian's PostgreSQL 15 is not installed"
    try:
        run("ip", "netns", "add", "coach-try")
        run("ip", "netns", "del", "coach-try")
    except subprocess.CalledProcessError:
        return "network namespaces are not allowed here"
    return None


pytestmark = pytest.mark.slow


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603  # the words are our own


@dataclass
class Host:
    """A network namespace with its address, and the processes that run in it."""

    name: str
    address: str
    environment: dict[str, str]
    home: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> None:
        own = {"HOST": self.address, "PORT": str(WEB), "COACH_HOME": str(self.home / self.name)}
        place = self.home / f"{self.name}-{len(self.processes)}-{words[0]}.log"
        inside = ["ip", "netns", "exec", self.name, sys.executable, "-m", "coach", *words]
        with place.open("wb") as log:
            self.processes.append(
                subprocess.Popen(  # noqa: S603  # the words are our own
                    inside, env={**self.environment, **own}, stdout=log, stderr=log
                )
            )

    def cut(self) -> None:
        """Pull the cable: nobody is told."""
        run("ip", "link", "set", f"v-{self.name}", "down")

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@contextmanager
def network() -> Iterator[None]:
    with ExitStack() as undone:
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        undone.callback(run, "ip", "link", "del", BRIDGE)
        run("ip", "addr", "add", f"{HERE}/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        for name, address in HOSTS.items():
            run("ip", "netns", "add", name)
            undone.callback(run, "ip", "netns", "del", name)
            cable = f"v-{name}"
            run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", cable, "master", BRIDGE, "up")
            inside = ("ip", "-n", name)
            run(*inside, "addr", "add", f"{address}/24", "dev", "eth0")
            run(*inside, "link", "set", "eth0", "up")
            run(*inside, "link", "set", "lo", "up")
        yield


@contextmanager
def postgres(folder: Path) -> Iterator[None]:
    """Run Debian's PostgreSQL on the bridge, with an owner and a database."""
    who = pwd.getpwnam("postgres")
    data = folder / "pg"
    data.mkdir()
    os.chown(data, who.pw_uid, who.pw_gid)
    as_postgres = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [], "cwd": "/"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(  # type: ignore[call-overload]  # noqa: S603
        [BIN / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        **as_postgres,
        **quiet,
    )
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {NET}.0/24 trust\n")
    server = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
        [
            *(BIN / "postgres", "-D", data, "-p", str(POSTGRES), "-k", data),
            *("-c", f"listen_addresses={HERE}", "-c", "fsync=off"),
        ],
        **as_postgres,
        **quiet,
    )
    asked = [str(BIN / "pg_isready"), "-q", "-h", HERE, "-p", str(POSTGRES)]
    wait_until(lambda: subprocess.call(asked) == 0, what="PostgreSQL")  # noqa: S603
    sql = (
        "CREATE ROLE coach_owner LOGIN CREATEROLE BYPASSRLS",
        "CREATE DATABASE coach OWNER coach_owner",
    )
    for each in sql:
        run("psql", "-q", "-h", HERE, "-p", str(POSTGRES), "-U", "postgres", "-c", each)
    yield
    server.send_signal(signal.SIGINT)  # fast: it does not wait for those who were cut off
    server.wait(60)


@contextmanager
def valkey() -> Iterator[Redis]:
    server = subprocess.Popen(  # noqa: S603  # the words are our own
        [
            *(str(valkey_program()), "--bind", HERE, "--port", str(VALKEY)),
            *("--protected-mode", "no", "--save", ""),  # it leaves no file behind
        ],
        stdout=subprocess.DEVNULL,
    )
    with Redis(host=HERE, port=VALKEY) as redis:
        wait_until(lambda: answers(redis), what="Valkey")
        yield redis
    server.terminate()
    server.wait(10)


def answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


@pytest.fixture
def installation() -> Iterator[tuple[dict[str, Host], Flask, Redis]]:
    if reason := reason_not_to():
        pytest.skip(reason)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coach-hosts-")))
        folder.chmod(0o711)
        stack.enter_context(network())
        stack.enter_context(postgres(folder))
        redis = stack.enter_context(valkey())
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "ENVIRONMENT": "test",
            "COACH_HOME": str(folder),
            "DATABASE_URL": f"postgresql://coach_app@{HERE}:{POSTGRES}/coach",
            "MIGRATION_DATABASE_URL": f"postgresql://coach_owner@{HERE}:{POSTGRES}/coach",
            "REDIS_URL": f"redis://{HERE}:{VALKEY}/0",
            "SECRET_KEY": secrets.token_urlsafe(32),
            "ENCRYPTION_KEYS": "A" * 43 + "=",
            "BASE_URL": f"http://127.0.0.1:{WEB}",
        }
        settings = provide(Settings.from_env(environment))
        migrating.upgrade(settings)
        app = create_app(settings)
        stack.callback(close, app)
        hosts = {name: Host(name, at, environment, folder) for name, at in HOSTS.items()}
        for host in hosts.values():
            stack.callback(host.end)
            host.start("web", "--workers", "1")
            host.start("worker", "insights")
            host.start("scheduler")
        yield hosts, app, redis


def serves(host: Host) -> bool:
    try:
        return loopback.get(f"http://{host.address}:{WEB}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def cause_work(app: Flask) -> list[object]:
    """Ask for pieces of work that find nothing to do."""
    with app.app_context():
        made: list[object] = [
            ask(SERIES, organisation_id=new_id(), subject_id=new_id()) for _ in range(PIECES)
        ]
        db.session.commit()
        return made


def left(app: Flask, works: list[object]) -> int:
    with app.app_context():
        undone = select(func.count()).where(Work.id.in_(works), Work.state != WorkState.DONE)
        return db.session.scalar(undone) or 0


@pytest.mark.timeout(400)
def test_two_hosts_share_the_work_and_one_carries_on_when_the_other_is_cut_off(
    installation: tuple[dict[str, Host], Flask, Redis],
) -> None:
    hosts, app, redis = installation
    for host in hosts.values():
        wait_until(lambda host=host: serves(host), what=host.name)  # type: ignore[misc]
    queue = rq_queue(redis, Queue.INSIGHTS)
    wait_until(lambda: Worker.count(queue=queue) == len(hosts), what="a worker on each host")
    with app.app_context():
        people = committed_cast()
    cookie = cookie_of(app, people.ann)
    for host in hosts.values():  # no state in a web process: a session works on every host
        page = loopback.get(f"http://{host.address}:{WEB}/dashboard", headers={"Cookie": cookie})
        assert page.status_code == 200
    works = cause_work(app)
    wait_until(lambda: left(app, works) == 0, what="all work")
    more = cause_work(app)
    hosts["coach-b"].cut()
    wait_until(lambda: left(app, more) == 0, 150, "the work of both, by the one that is left")
    assert serves(hosts["coach-a"])
    assert not serves(hosts["coach-b"])
