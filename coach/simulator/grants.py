"""Who allowed what: one-use codes, and token pairs of which only the newest lives."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

TOKEN_LIFE = timedelta(hours=1)
CODE_LIFE = timedelta(minutes=10)


class GrantRefused(Exception):
    """The code or refresh token is unknown, spent, too old, or not meant for this."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member allowed, and what the code for it is bound to."""

    user_id: int
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent and its living pair; tokens are kept as digests only."""

    family: str
    user_id: int
    scopes: tuple[str, ...]
    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0
    spent: tuple[str, ...] = ()


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


@dataclass
class Grants:
    """All grants of the one registered app. Every change is one step under one lock."""

    clock: Callable[[], datetime]
    reuse_revokes_family: bool = True
    save: Callable[[list[Grant]], None] = lambda _grants: None
    families: dict[str, Grant] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def allow(self, consent: Consent) -> str:
        """Return a new code for what the member allowed."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[_digest(code)] = _Code(consent, self.clock() + CODE_LIFE)
        return code

    def exchange(self, code: str, *, redirect_uri: str, verifier: str | None) -> Pair:
        """Turn a code into the first pair. A code shown twice takes its grant down with it."""
        with self._lock:
            known = self._codes.get(_digest(code))
            if known is None:
                raise GrantRefused
            if known.family is not None:
                spent = known.family
                self._revoke(lambda grant: grant.family == spent)
                raise GrantRefused
            known.family = secrets.token_hex(8)
            _check(known, self.clock(), redirect_uri, verifier)
            return self._issue(Grant(known.family, known.consent.user_id, known.consent.scopes))

    def refresh(self, token: str) -> Pair:
        """Replace a pair. The old one is dead at once, both halves."""
        digest = _digest(token)
        with self._lock:
            grant = self._first(lambda each: each.refresh == digest)
            if grant is None:
                if self.reuse_revokes_family:
                    self._revoke(lambda each: digest in each.spent)
                raise GrantRefused
            return self._issue(replace(grant, spent=(*grant.spent, digest)))

    def find(self, access_token: str) -> Grant | None:
        """Return the grant this access token lives for."""
        digest, now = _digest(access_token), self.clock().timestamp()
        with self._lock:
            return self._first(lambda each: each.access == digest and now < each.expires_at)

    def revoke_user(self, user_id: int) -> int:
        """End every grant of this member and return how many there were."""
        with self._lock:
            return self._revoke(lambda grant: grant.user_id == user_id)

    def _issue(self, grant: Grant) -> Pair:
        access = secrets.token_urlsafe(32)
        refresh = secrets.token_urlsafe(32) if "offline" in grant.scopes else None
        self.families[grant.family] = replace(
            grant,
            access=_digest(access),
            refresh=_digest(refresh) if refresh else "",
            expires_at=(self.clock() + TOKEN_LIFE).timestamp(),
        )
        self.save(list(self.families.values()))
        return Pair(access, refresh, grant.scopes)

    def _first(self, wanted: Callable[[Grant], bool]) -> Grant | None:
        return next(filter(wanted, self.families.values()), None)

    def _revoke(self, condemned: Callable[[Grant], bool]) -> int:
        ending = [grant.family for grant in self.families.values() if condemned(grant)]
        for family in ending:
            del self.families[family]
        if ending:
            self.save(list(self.families.values()))
        return len(ending)


def _check(code: _Code, now: datetime, redirect_uri: str, verifier: str | None) -> None:
    challenge = code.consent.challenge
    if now >= code.expires_at or redirect_uri != code.consent.redirect_uri:
        raise GrantRefused
    if challenge is not None and not (verifier and pkce_challenge(verifier) == challenge):
        raise GrantRefused


def pkce_challenge(verifier: str) -> str:
    """Return the S256 challenge of RFC 7636."""
    digest = sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
