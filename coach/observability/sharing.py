"""Lets the counters of all processes of one machine be read as one.

prometheus-client keeps each process's values in a memory-mapped file named after an id, and sums
the files. With process ids, the files of the dead would grow for ever (a work horse lives for one
job), and containers that share a folder would share ids. So a process takes the lowest free place,
held by a lock that ends with it, and goes on with the values it finds there: as many files as
processes at one time, and sums that never fall. The first process of all begins anew.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from coach.observability.counters import REGISTRY

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the library looks for it
MOST_PLACES = 10_000


class Places:
    """Gives this process its place; a fork takes one of its own when it first counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._house = (folder / "house.lock").open("w")
        self._empty_unless_inhabited()
        self._pid = self._place = -1
        self._lock: IO[str] | None = None

    def __call__(self) -> int:
        """Give the number of our place, another one than that of every living process."""
        if self._pid != os.getpid():
            if self._lock is not None:
                self._lock.close()  # our parent's; it holds on to its own share
            self._place, self._lock = self._take()
            self._pid = os.getpid()
        return self._place

    def _empty_unless_inhabited(self) -> None:
        if _locked(self._house):
            for old in self._folder.glob("*.db"):
                old.unlink()
        fcntl.flock(self._house, fcntl.LOCK_SH)

    def _take(self) -> tuple[int, IO[str]]:
        for number in range(MOST_PLACES):
            lock = (self._folder / f"{number}.lock").open("w")
            if _locked(lock):
                return number, lock
            lock.close()
        raise OSError(f"every one of {MOST_PLACES} places in {self._folder} is taken")


def share(folder: Path) -> None:
    """Keep the values of this process and its forks in a folder; call it before anything counts."""
    os.environ[_FOLDER] = str(folder)
    places = Places(folder)
    values.ValueClass = values.MultiProcessValue(places)  # type: ignore[no-untyped-call]  # the library's


def collect() -> Iterable[Metric]:
    """Give the counters of all processes that share, or of this one when it does not."""
    if _FOLDER not in os.environ:
        return REGISTRY.collect()
    shared = MultiProcessCollector(CollectorRegistry(), os.environ[_FOLDER])  # type: ignore[no-untyped-call]
    return list(shared.collect())  # type: ignore[no-untyped-call]


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
