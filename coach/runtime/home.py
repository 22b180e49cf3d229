"""The home of the embedded servers: one command owns it and runs them, others attach."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from weakref import WeakSet

from coach.runtime.errors import CannotStart
from coach.runtime.keys import make_home, secret
from coach.runtime.notice import Services, Wanted, forget_notice, read_notice, write_notice
from coach.runtime.postgres import running_postgres
from coach.runtime.valkey import running_valkey

__all__ = ["Services", "open_home", "secret"]

PATIENCE = 30.0


@contextmanager
def open_home(home: Path, *, postgres: bool, valkey: bool) -> Iterator[Services]:
    """Reach the servers of a home; they run until the command that started them ends.

    The owner must not replace itself (exec): that lets go of the servers like any other end.
    """
    home, wanted = home.resolve(), Wanted(postgres=postgres, valkey=valkey)
    make_home(home)
    with _open_lock(home) as lock:
        attached = _wait_for_turn(home, lock, wanted)
        if attached:
            lock.close()
            yield attached
        else:
            with _own(home, lock, wanted) as services:
                yield services


def _open_lock(home: Path) -> IO[bytes]:
    lock = os.fdopen(
        os.open(home / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0
    )
    _locks.add(lock)
    return lock


def _wait_for_turn(home: Path, lock: IO[bytes], wanted: Wanted) -> Services | None:
    """Give what a living owner offers; None when we now hold the lock and are the owner.

    After the death of an owner the lock is free once all its servers have ended, not before.
    """
    give_up = time.monotonic() + PATIENCE
    while not _take(lock):
        if services := read_notice(home, wanted):
            return services
        if time.monotonic() > give_up:
            raise CannotStart(
                f"Another coach command uses {home} and offers no {wanted} within {PATIENCE:.0f} s. "
                "Stop it, or set COACH_HOME to another folder."
            )
        time.sleep(0.05)
    return None


def _take(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _own(home: Path, lock: IO[bytes], wanted: Wanted) -> Iterator[Services]:
    """Start the servers, each holding the lock too, and tell others how to reach them."""
    ours = os.getpid()
    forget_notice(home)
    with ExitStack() as stack:
        services = _start(home, stack, lock.fileno(), wanted)
        write_notice(home, services)
        try:
            yield services
        finally:
            if os.getpid() == ours:  # a fork unwinds its copy of the stack too
                forget_notice(home)


def _start(home: Path, stack: ExitStack, held: int, wanted: Wanted) -> Services:
    database = redis_url = None
    if wanted.postgres:
        database = stack.enter_context(running_postgres(home, held=held))
    if wanted.valkey:
        redis_url = stack.enter_context(running_valkey(home, held=held))
    return Services(
        database_url=database.app if database else None,
        migration_url=database.migration if database else None,
        redis_url=redis_url,
        owner=True,
    )


_locks: WeakSet[IO[bytes]] = WeakSet()


def _close_in_fork() -> None:
    """Give up a fork's share of the lock, for a fork may outlive the owner, as a job does."""
    for lock in _locks:
        lock.close()


os.register_at_fork(after_in_child=_close_in_fork)
