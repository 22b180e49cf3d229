"""A database of our own that can be struck down and started again."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from coach.runtime.folders import postgres_place
from coach.runtime.keys import make_home
from coach.runtime.postgres import DatabaseUrls, running_postgres
from tests import cheap


class CrashingPostgres:
    """PostgreSQL in a home that nothing else uses; its addresses stay the same."""

    def __init__(self, home: Path) -> None:
        make_home(home)
        self._home = home
        self._running = ExitStack()
        self.urls: DatabaseUrls
        self.start()
        cheap.let_not_wait_for_the_disk(home)

    def start(self) -> None:
        self.urls = self._running.enter_context(running_postgres(self._home))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all of it in its tracks: the system still takes connections, and nothing answers."""
        postmaster = self._postmaster()
        family = [postmaster, *children_of(postmaster)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def crash(self) -> None:
        """Do what `pg_ctl stop -m immediate` does: no farewell, and recovery at the next start."""
        record = self._record()
        os.kill(self._postmaster(), signal.SIGQUIT)
        while record.exists():
            time.sleep(0.02)
        self._running.close()

    def close(self) -> None:
        self._running.close()

    def _record(self) -> Path:
        (record,) = postgres_place(self._home).folder.rglob("postmaster.pid")
        return record

    def _postmaster(self) -> int:
        return int(self._record().read_text().split()[0])


def children_of(pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in words]
