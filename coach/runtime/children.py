"""Starts a process on a leash: it ends when its owner does, however the owner ends."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import IO, Self
from weakref import WeakSet

from coach.runtime import leash
from coach.runtime.unprivileged import Account

NONE = -1
GRACE = 10
LEASH_GRACE = 5.0
LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, as whom, and how it is asked to stop."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path | None = None
    account: Account | None = None
    stop_with: int = SIGTERM
    grace: int = GRACE


class Process:
    """A running process that we own."""

    def __init__(self, process: "subprocess.Popen[bytes]", grace: float) -> None:
        self._process = process
        self._grace = grace
        self._ours = os.getpid()
        _alive.add(self)

    @classmethod
    def start(cls, order: Order, *, output: IO[bytes], held: int = NONE) -> Self:
        """Run the order; `held` is a file the leash keeps open until all of it has ended."""
        process = subprocess.Popen(  # noqa: S603  # no shell; the words are our own
            [sys.executable, "-I", "-S", leash.__file__, *_words(order, held)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_for_python() | dict(order.env),
            cwd=order.cwd,
            pass_fds=() if held == NONE else (held,),
            start_new_session=True,  # Ctrl-C is for the owner, who then stops us in order
        )
        return cls(process, order.grace)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        return self._process.wait(seconds)

    def stop(self) -> None:
        """Ask it to stop and wait until it has, with all it started."""
        if os.getpid() != self._ours:
            return  # a fork of the owner unwinds its copy of the stack
        self.let_go()
        try:
            self._process.wait(self._grace + LEASH_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def let_go(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


def _for_python() -> dict[str, str]:
    """Pass on what a Python in an unusual place needs to run at all, as the leash does."""
    return {name: os.environ[name] for name in LIBRARY_PATHS if name in os.environ}


def _words(order: Order, held: int) -> list[str]:
    uid, gid = (order.account.uid, order.account.gid) if order.account else (NONE, NONE)
    numbers = (int(order.stop_with), order.grace, uid, gid, held)
    return [*(str(number) for number in numbers), *order.argv]


_alive: WeakSet[Process] = WeakSet()


def _let_go_in_fork() -> None:
    """Give up a fork's share of the leash, or it would keep the servers alive without the owner."""
    for child in _alive:
        child.let_go()


os.register_at_fork(after_in_child=_let_go_in_fork)
