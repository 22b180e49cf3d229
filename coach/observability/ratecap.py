"""So many log lines a minute and no more: a flood must not fill the disk."""

import threading
import time
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class RateCap:
    """Lets so many lines through in each window, and counts what it keeps back."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._passed = self._kept_back = 0

    def admit(self) -> int | None:
        """Say how many lines were kept back before this one; None when this one is, too."""
        with self._lock:
            if self._clock() - self._began >= WINDOW_SECONDS:
                self._began, self._passed = self._clock(), 0
            if self._passed >= self._most:
                self._kept_back += 1
                return None
            self._passed += 1
            kept_back, self._kept_back = self._kept_back, 0
            return kept_back
