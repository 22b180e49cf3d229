"""WHOOP's rate limits: a minute and a day, per app, told in three headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from threading import Lock

MINUTE, DAY = 60, 86_400


@dataclass
class _Window:
    """A fixed window that opens with its first request."""

    seconds: int
    limit: int
    opened: float = float("-inf")
    used: int = 0

    def roll(self, now: float) -> None:
        if now >= self.opened + self.seconds:
            self.opened, self.used = now, 0

    @property
    def remaining(self) -> int:
        return self.limit - self.used


@dataclass
class RateLimit:
    """Counts the requests of one app."""

    per_minute: int
    per_day: int
    _windows: tuple[_Window, _Window] = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._windows = (_Window(MINUTE, self.per_minute), _Window(DAY, self.per_day))

    def take(self, now: datetime) -> tuple[bool, Mapping[str, str]]:
        """Count one request; say whether it may pass, and the headers to send."""
        moment = now.timestamp()
        with self._lock:
            for window in self._windows:
                window.roll(moment)
            allowed = all(window.remaining > 0 for window in self._windows)
            for window in self._windows:
                window.used += allowed
            return allowed, self._headers(moment)

    def _headers(self, now: float) -> Mapping[str, str]:
        closest = min(self._windows, key=lambda window: window.remaining)
        both = ", ".join(f"{each.limit};window={each.seconds}" for each in self._windows)
        return {
            "X-RateLimit-Limit": f"{closest.limit}, {both}",
            "X-RateLimit-Remaining": str(closest.remaining),
            "X-RateLimit-Reset": str(ceil(closest.opened + closest.seconds - now)),
        }
