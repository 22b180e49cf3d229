"""Who allowed what: one-use codes, and token pairs of which only the newest lives."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from threading import Lock

from coach.simulator.families import Families, Grant

TOKEN_LIFE = timedelta(hours=1)
CODE_LIFE = timedelta(minutes=10)
GRACE = timedelta(minutes=5)


class GrantRefused(Exception):
    """The code or refresh token is unknown, spent, too old, or not meant for this."""


class Reuse(StrEnum):
    """What WHOOP does when a refresh token comes that was spent before."""

    STRICT = "strict"  # it is refused, nothing more
    FAMILY = "family"  # it is refused and takes its whole grant down
    GRACE = "grace"  # for `GRACE` after it was spent it gives a new pair once more; then strict


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member allowed an app, and what the code for it is bound to."""

    client_id: str
    user_id: int
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    access_token: str
    refresh_token: str | None
    scopes: tuple[str, ...]


@dataclass
class _Code:
    consent: Consent
    expires_at: datetime
    family: str | None = None  # set once it is spent


class Grants:
    """All grants of all apps. Every change is one step under one lock."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        reuse: Reuse = Reuse.FAMILY,
        save: Callable[[list[Grant]], None] = lambda _grants: None,
        kept: Iterable[Grant] = (),
    ) -> None:
        self.reuse = reuse
        self.opened = 0  # how many grants there were that did not come from a file
        self._clock, self._save = clock, save
        self._families = Families(kept)
        self._codes: dict[str, _Code] = {}
        self._spent_at: dict[str, datetime] = {}
        self._lock = Lock()

    def allow(self, consent: Consent) -> str:
        """Return a new code for what the member allowed."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[digest(code)] = _Code(consent, self._clock() + CODE_LIFE)
        return code

    def exchange(
        self, code: str, *, client_id: str, redirect_uri: str, verifier: str | None
    ) -> Pair:
        """Turn a code into the first pair. A code shown twice takes its grant down with it."""
        with self._lock:
            known = self._codes.get(digest(code))
            if known is None or known.consent.client_id != client_id:
                raise GrantRefused
            if known.family is not None:
                self._end(self._families.named(known.family))
                raise GrantRefused
            known.family = secrets.token_hex(8)
            _check(known, self._clock(), redirect_uri, verifier)
            asked = known.consent
            return self._open(Grant(known.family, asked.user_id, asked.scopes, asked.client_id))

    def hand_out(self, client_id: str, user_id: int, scopes: tuple[str, ...]) -> Pair:
        """Return a pair without sign-in and consent, for who needs many."""
        with self._lock:
            return self._open(Grant(secrets.token_hex(8), user_id, scopes, client_id))

    def refresh(self, token: str, *, client_id: str) -> Pair:
        """Replace a pair. The old one is dead at once, both halves."""
        shown = digest(token)
        with self._lock:
            grant = self._families.by_refresh(shown) or self._forgiven(shown)
            if grant is None or grant.client_id != client_id:
                if self.reuse is Reuse.FAMILY:
                    self._end(self._families.by_spent(shown))
                raise GrantRefused
            if self.reuse is Reuse.GRACE:
                self._spent_at.setdefault(shown, self._clock())
            return self._issue(grant.having_spent(shown))

    def find(self, access_token: str) -> Grant | None:
        """Return the grant this access token lives for."""
        with self._lock:
            grant = self._families.by_access(digest(access_token))
        return grant if grant and self._clock().timestamp() < grant.expires_at else None

    def owner(self, *, access: str = "", refresh: str = "") -> Grant | None:
        """Return whose token it is or was, also when it opens nothing any more."""
        with self._lock:
            if access:
                return self._families.by_access(digest(access))
            shown = digest(refresh)
            return self._families.by_refresh(shown) or self._families.by_spent(shown)

    def linked(self) -> set[int]:
        """Return the members whom any app may see."""
        with self._lock:
            return self._families.users()

    def allows(self, client_id: str, user_id: int) -> bool:
        with self._lock:
            return any(each.client_id == client_id for each in self._families.of_user(user_id))

    def revoke_user(self, user_id: int, client_id: str | None = None) -> int:
        """End the member's grants, all or those of one app, and return how many there were."""
        with self._lock:
            grants = self._families.of_user(user_id)
            return self._end(*(each for each in grants if client_id in {None, each.client_id}))

    def _forgiven(self, shown: str) -> Grant | None:
        spent_at = self._spent_at.get(shown)
        if self.reuse is not Reuse.GRACE or spent_at is None:
            return None
        in_time = self._clock() - spent_at <= GRACE
        return self._families.by_spent(shown) if in_time else None

    def _open(self, grant: Grant) -> Pair:
        self.opened += 1
        return self._issue(grant)

    def _issue(self, grant: Grant) -> Pair:
        access = secrets.token_urlsafe(32)
        refresh = secrets.token_urlsafe(32) if "offline" in grant.scopes else None
        self._families.put(
            replace(
                grant,
                access=digest(access),
                refresh=digest(refresh) if refresh else "",
                expires_at=(self._clock() + TOKEN_LIFE).timestamp(),
            )
        )
        self._save(self._families.all())
        return Pair(access, refresh, grant.scopes)

    def _end(self, *ending: Grant | None) -> int:
        ended = [self._families.drop(grant) for grant in ending if grant]
        if ended:
            self._save(self._families.all())
        return len(ended)


def _check(code: _Code, now: datetime, redirect_uri: str, verifier: str | None) -> None:
    challenge = code.consent.challenge
    if now >= code.expires_at or redirect_uri != code.consent.redirect_uri:
        raise GrantRefused
    if challenge is not None and not (verifier and pkce_challenge(verifier) == challenge):
        raise GrantRefused


def pkce_challenge(verifier: str) -> str:
    """Return the S256 challenge of RFC 7636."""
    made = sha256(verifier.encode()).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
