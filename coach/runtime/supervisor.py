"""Starts our processes in order, shows what they say, restarts who dies, stops all in reverse."""

import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import NoReturn, Self, TextIO

from coach.runtime.children import GRACE
from coach.runtime.errors import CannotStart
from coach.runtime.speech import Speech
from coach.runtime.supervised import Child, Supervised

__all__ = ["Child", "Supervisor"]

READY_SECONDS = 60.0
LOOK_EVERY = 0.05
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """Keeps children running inside its `with` block; after it, none of them is left.

    SIGTERM and SIGINT leave the block quietly, wherever it is. Only the main thread may use it.
    """

    def __init__(
        self,
        children: Sequence[Child] = (),
        *,
        output: TextIO | None = None,
        grace: int = GRACE,
        pause: float = 0.25,
    ) -> None:
        self._children = children
        self._speech = Speech(output or sys.stdout)
        self._grace = grace
        self._pause = pause
        self._family: list[Supervised] = []

    def run(self) -> None:
        """Start all children and stay until a signal comes. Raises CannotStart or GaveUp."""
        with self:
            for child in self._children:
                self.start(child)
            self.watch()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, _leave) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._stop()
        return isinstance(error, _Leave)

    def start(self, child: Child, *, within: float = READY_SECONDS) -> None:
        """Start a child and wait until it is ready, while looking after those before it."""
        self._family.append(Supervised(child, self._speech, grace=self._grace, pause=self._pause))
        give_up = time.monotonic() + within
        while not child.ready():
            if time.monotonic() > give_up:
                raise CannotStart(f"{child.name} was not ready within {within:.0f} s.")
            self._look_after_all()

    def watch(self) -> NoReturn:
        """Look after all until a signal comes. Raises GaveUp when one dies again and again."""
        while True:
            self._look_after_all()

    def _look_after_all(self) -> None:
        for member in self._family:
            member.look()
        time.sleep(LOOK_EVERY)

    def _stop(self) -> None:
        """Stop the last one first; each has its grace, so this ends and is not hurried."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        while self._family:
            self._family.pop().stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)


class _Leave(BaseException):
    """A signal asked us to stop; nobody but the supervisor catches it."""


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Leave
