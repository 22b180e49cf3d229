"""What several processes say, line by line, each with the name of who said it."""

import os
from contextlib import suppress
from itertools import cycle
from threading import Lock, Thread
from typing import IO, TextIO

COLOURS = (36, 33, 32, 35, 34, 31)
WIDTH = 10
LONGEST_LINE = 64 * 1024


class Speech:
    """Writes lines of many processes to one stream without mixing them up."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._lock = Lock()
        self._colours = cycle(COLOURS)
        self._prefixes: dict[str, str] = {}

    def say(self, name: str, line: str) -> None:
        with self._lock, suppress(OSError):  # a reader that went away stops nobody
            self._output.write(f"{self._prefix(name)} {line}\n")
            self._output.flush()

    def relay(self, name: str, stream: IO[bytes]) -> Thread:
        """Pass on all that comes from a stream, until it ends, without waiting for it."""
        thread = Thread(target=self._relay, args=(name, stream), daemon=True)
        thread.start()
        return thread

    def _relay(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                self.say(name, line.decode(errors="replace").rstrip("\r\n"))

    def _prefix(self, name: str) -> str:
        if name not in self._prefixes:
            text = f"{name:<{WIDTH}} |"
            colour = f"\x1b[{next(self._colours)}m{text}\x1b[0m"
            plain = not self._output.isatty() or "NO_COLOR" in os.environ
            self._prefixes[name] = text if plain else colour
        return self._prefixes[name]
