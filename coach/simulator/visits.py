"""Members on their way through sign-in and consent."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

VISIT_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Visit:
    """What the app asked for, and who signed in since."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str | None
    expires_at: datetime
    user_id: int | None = None


@dataclass
class Visits:
    """Visits by a secret key that only the member's browser knows."""

    clock: Callable[[], datetime]
    _open: dict[str, Visit] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(
        self,
        *,
        client_id: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
        state: str,
        challenge: str | None,
    ) -> str:
        visit = Visit(client_id, redirect_uri, scopes, state, challenge, self.clock() + VISIT_LIFE)
        return self._keep(visit)

    def find(self, key: str) -> Visit | None:
        with self._lock:
            visit = self._open.get(key)
        return visit if visit and self.clock() < visit.expires_at else None

    def sign_in(self, key: str, user_id: int) -> str | None:
        """Go on under a new key, now as this member."""
        visit = self.leave(key)
        return self._keep(replace(visit, user_id=user_id)) if visit else None

    def leave(self, key: str) -> Visit | None:
        """End the visit: nobody answers the same question twice."""
        visit = self.find(key)
        with self._lock:
            gone = self._open.pop(key, None)
        return visit if gone else None

    def _keep(self, visit: Visit) -> str:
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._open = {k: v for k, v in self._open.items() if self.clock() < v.expires_at}
            self._open[key] = visit
        return key
