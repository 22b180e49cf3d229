"""What time it is in this world: the wall's time, moved if wanted, or one that stands until told."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic


class Clock:
    """A clock to set. While `ticking` it goes on by itself; else only `set` and `forward` move it."""

    def __init__(self, start: datetime | None = None, *, ticking: bool = True) -> None:
        self._lock = Lock()
        self._ticking = ticking
        self._shown, self._since = start or datetime.now(UTC), monotonic()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now()

    @property
    def ticking(self) -> bool:
        return self._ticking

    def set(self, to: datetime) -> None:
        with self._lock:
            self._shown, self._since = to, monotonic()

    def forward(self, how_far: timedelta) -> None:
        with self._lock:
            self._shown, self._since = self._now() + how_far, monotonic()

    def tick(self, *, on: bool) -> None:
        with self._lock:
            self._shown, self._since = self._now(), monotonic()
            self._ticking = on

    def _now(self) -> datetime:
        gone = monotonic() - self._since if self._ticking else 0
        return self._shown + timedelta(seconds=gone)
