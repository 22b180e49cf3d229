"""Homes for real servers, and other commands that use the same home."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from coach.runtime.home import Services, open_home

PATIENCE = 120.0
ROOT = os.geteuid() == 0


def wait_until(happens: Callable[[], bool], within: float = PATIENCE) -> None:
    give_up = time.monotonic() + within
    while not happens():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)


def processes_about(text: str | Path) -> list[int]:
    """Find the processes whose command line speaks of something, such as a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and os.fsencode(text) in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def postmaster_of(services: Services) -> int:
    """Read the postmaster's number where it keeps it, beside its socket."""
    assert services.database_url
    sockets = Path(services.database_url.partition("host=")[2].partition("&")[0])
    return int((sockets / ".s.PGSQL.5432.lock").read_text().split("\n")[0])


class OtherCommand:
    """Another process that opened the home and stays in it until it is told to leave."""

    def __init__(self, home: Path, *options: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # the words are our own
            [sys.executable, "-m", "tests.runtime.other_command", str(home), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def role(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture(scope="module")
def make_home() -> Iterator[Callable[[], Path]]:
    """Make paths of homes that are not there yet, in a folder that everybody may enter."""
    parent = Path(tempfile.mkdtemp(prefix="coach-test-"))
    parent.chmod(0o711)
    names = iter(range(1000))
    yield lambda: parent / f"home-{next(names)}"
    for record in parent.rglob("postgres-*"):
        if record.is_file() and record.suffix != ".log":
            shutil.rmtree(record.read_text(), ignore_errors=True)
    shutil.rmtree(parent)


@pytest.fixture
def home(make_home: Callable[[], Path]) -> Path:
    return make_home()


@pytest.fixture(scope="module")
def shared_home(make_home: Callable[[], Path]) -> Path:
    return make_home()


@pytest.fixture(scope="module")
def services(shared_home: Path) -> Iterator[Services]:
    """One pair of servers for all tests of a module that leave them as they were."""
    with open_home(shared_home, postgres=True, valkey=True) as services:
        yield services
