"""A new version under load: migrate, then renew web processes in turns on one socket; R-04, R-98."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from benchmarks.installation import application, installation
from benchmarks.open_loop import Answered, Request, run
from coach import migrating
from coach.runtime.services import provide
from config import Settings
from tests import loopback
from tests.cast import committed_cast
from tests.conftest import close
from tests.growth.newer import newer_migrations
from tests.growth.people import cookie_of
from tests.processes.stage import Stage, wait_until

# What systemd does for a service with `Sockets=`: the socket is descriptor 3, and it says for whom.
AS_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
    " os.execv(sys.executable, [sys.executable, '-m', 'coach', 'web', '--workers', '1'])"
)
PER_SECOND, SECONDS = 20.0, 45.0

pytestmark = pytest.mark.slow


@dataclass
class Site:
    """A socket that stays open, and the web processes behind it."""

    stage: Stage
    listening: socket.socket
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def port(self) -> int:
        port: int = self.listening.getsockname()[1]
        return port

    def start(self, number: int) -> None:
        with (self.stage.home / f"web-{number}.log").open("ab") as log:
            self.running[number] = subprocess.Popen(  # noqa: S603  # the words are our own
                [sys.executable, "-c", AS_SYSTEMD, str(self.listening.fileno())],
                env={**self.stage.environment, "LISTEN_FDS": "1"},
                stdout=log,
                stderr=log,
                pass_fds=(self.listening.fileno(),),
            )

    def said(self, number: int) -> str:
        return (self.stage.home / f"web-{number}.log").read_text()

    def all_said(self) -> str:
        """Give every warning there was, for a request that failed may have been long ago."""
        return "".join(self.said(number) for number in self.running)

    def serves_by(self, number: int) -> bool:
        """Tell whether a web process has made its worker, and so hears a signal."""
        pid = self.running[number].pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text() != ""

    def end(self, number: int) -> int:
        self.running[number].send_signal(signal.SIGTERM)
        return self.running[number].wait(40)

    def renew(self, number: int) -> None:
        """Restart one of them, and wait until it serves again."""
        assert self.end(number) == 0
        self.start(number)
        wait_until(lambda: self.serves_by(number), what="its start")


@contextmanager
def under_load(site: Site, path: str, cookie: str) -> Iterator[list[Answered]]:
    """Ask for a page at a fixed rate while the block runs, and on to the end of the plan."""
    found: list[Answered] = []
    page = Request("GET", path, headers={"Cookie": cookie, "Connection": "close"})

    def send() -> None:
        found.extend(
            run(site.port, per_second=PER_SECOND, seconds=SECONDS, make=lambda _number: page)
        )

    sending = threading.Thread(target=send)
    sending.start()
    try:
        yield found
    finally:
        sending.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with (
        installation(FEATURE_WHOOP_INTEGRATION="0") as stage,
        socket.create_server(("127.0.0.1", 0), backlog=2048) as listening,
    ):
        made = Site(stage, listening)
        try:
            for number in (1, 2):
                made.start(number)
            wait_until(lambda: made.serves_by(1) and made.serves_by(2), what="both to start")
            wait_until(lambda: serves(made.port), what=f"an answer ({made.said(1)})")
            yield made
        finally:
            for process in made.running.values():
                process.kill()
                process.wait()


def serves(port: int) -> bool:
    try:
        return loopback.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def signed_in(stage: Stage) -> str:
    """Make people, and sign a coach in; the cookie works in every process."""
    app = application(stage)
    with app.app_context():
        people = committed_cast()
    found = cookie_of(app, people.ann)
    close(app)
    return found


@pytest.mark.timeout(300)
def test_r04_a_migration_and_new_processes_in_turns_fail_no_request(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = signed_in(site.stage)
    monkeypatch.setattr(migrating, "MIGRATIONS", newer_migrations(tmp_path))
    with under_load(site, "/dashboard", cookie) as answers:
        migrating.upgrade(provide(Settings.from_env(site.stage.environment)))
        for number in (1, 2, 1, 2):
            site.renew(number)
    assert len(answers) == PER_SECOND * SECONDS
    assert {each.status for each in answers} == {200}, site.all_said()


@pytest.mark.timeout(300)
def test_r04_with_both_away_for_a_moment_requests_wait_and_none_is_refused(site: Site) -> None:
    cookie = signed_in(site.stage)
    with under_load(site, "/dashboard", cookie) as answers:
        for number in (1, 2):
            assert site.end(number) == 0
        for number in (1, 2):
            site.start(number)
    assert {each.status for each in answers} == {200}, site.all_said()
