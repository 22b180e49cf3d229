"""What costs an installation time and tells a test nothing: waiting for the disk, dear hashes."""

import os
import signal
from pathlib import Path

from argon2 import PasswordHasher

from coach.runtime.folders import postgres_place

# A fiftieth of what guessing must cost, in memory and in time.
HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
# A process that is killed loses nothing by these, only a machine that loses its power.
HASTE = "fsync = off\nfull_page_writes = off\n"


def let_not_wait_for_the_disk(home: Path) -> None:
    """Tell the embedded PostgreSQL of a home that its files may reach the disk whenever."""
    data = postgres_place(home).folder / "data"
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(HASTE)
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGHUP)
