"""A database of our own that can be struck down and started again."""

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from coach.runtime.folders import postgres_place
from coach.runtime.keys import make_home
from coach.runtime.postgres import DatabaseUrls, running_postgres


class CrashingPostgres:
    """PostgreSQL in a home that nothing else uses; its addresses stay the same."""

    def __init__(self, home: Path) -> None:
        make_home(home)
        self._home = home
        self._running = ExitStack()
        self.urls: DatabaseUrls
        self.start()

    def start(self) -> None:
        self.urls = self._running.enter_context(running_postgres(self._home))

    def crash(self) -> None:
        """Do what `pg_ctl stop -m immediate` does: no farewell, and recovery at the next start."""
        (record,) = postgres_place(self._home).folder.rglob("postmaster.pid")
        os.kill(int(record.read_text().split()[0]), signal.SIGQUIT)
        while record.exists():
            time.sleep(0.02)
        self._running.close()

    def close(self) -> None:
        self._running.close()
