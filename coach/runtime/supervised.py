"""One process under supervision: running, or waiting a little before it is started again."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from coach.runtime.children import Order, Process
from coach.runtime.errors import GaveUp
from coach.runtime.speech import Speech

FAST_DEATH_SECONDS = 5.0
MOST_FAST_DEATHS = 5
LAST_WORDS_SECONDS = 2.0


def at_once() -> bool:
    """Be ready as soon as started."""
    return True


@dataclass(frozen=True, slots=True)
class Child:
    """What to keep running; `ready` tells when those after it may start."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] = at_once


class Supervised:
    """A child's life: each start, each death, and the pauses between, which double."""

    def __init__(self, child: Child, speech: Speech, *, grace: int, pause: float) -> None:
        self.child = child
        self._order = Order(child.argv, child.env, grace=grace)
        self._speech = speech
        self._pause = pause
        self._fast_deaths = 0
        self._process: Process | None = None
        self._start_at = time.monotonic()
        self.look()

    def look(self) -> None:
        """Start it when its time has come; notice its death. Raises GaveUp at one too many."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
        elif (code := self._process.ended) is not None:
            self._mourn(code, now)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._voice.join(LAST_WORDS_SECONDS)
            self._process = None

    def _start(self, now: float) -> None:
        reader, writer = os.pipe()
        with os.fdopen(writer, "wb") as output:
            self._process = Process.start(self._order, output=output)
        self._voice = self._speech.relay(self.child.name, os.fdopen(reader, "rb"))
        self._started = now

    def _mourn(self, code: int, now: float) -> None:
        """Count deaths soon after a start; one that ran for a while may begin anew."""
        self.stop()
        fast = now - self._started < FAST_DEATH_SECONDS
        self._fast_deaths = self._fast_deaths + 1 if fast else 0
        if self._fast_deaths >= MOST_FAST_DEATHS:
            raise GaveUp(
                f"{self.child.name} died {MOST_FAST_DEATHS} times right after its start, "
                f"last with code {code}; the lines it printed say why. Everything is stopped."
            )
        pause = self._pause * 2**self._fast_deaths
        self._start_at = now + pause
        self._speech.say(self.child.name, f"ended with code {code}; starts again in {pause:.1f} s")
