"""The grants that live, found at once by whatever is known of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

SPENT_KEPT = 50  # refresh tokens; older ones are as unknown as any other


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent and its living pair; tokens are kept as digests only."""

    family: str
    user_id: int
    scopes: tuple[str, ...]
    client_id: str
    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0
    spent: tuple[str, ...] = ()

    def having_spent(self, refresh: str) -> "Grant":
        """Remember the token that was shown, and the living one it stands for."""
        more = [each for each in (refresh, self.refresh) if each not in self.spent]
        return replace(self, spent=(*self.spent, *dict.fromkeys(more))[-SPENT_KEPT:])


class Families:
    """No lock of its own: the caller holds one."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._spent: dict[str, str] = {}
        self._users: dict[int, set[str]] = defaultdict(set)
        for grant in grants:
            self.put(grant)

    def put(self, grant: Grant) -> None:
        """Add a grant, or replace what it was before."""
        if grant.family in self._grants:
            self.drop(self._grants[grant.family])
        self._grants[grant.family] = grant
        self._access[grant.access] = grant.family
        self._users[grant.user_id].add(grant.family)
        if grant.refresh:
            self._refresh[grant.refresh] = grant.family
        self._spent |= dict.fromkeys(grant.spent, grant.family)

    def drop(self, grant: Grant) -> Grant:
        del self._grants[grant.family], self._access[grant.access]
        self._refresh.pop(grant.refresh, None)
        self._users[grant.user_id].discard(grant.family)
        if not self._users[grant.user_id]:
            del self._users[grant.user_id]
        for token in grant.spent:
            self._spent.pop(token, None)
        return grant

    def all(self) -> list[Grant]:
        return list(self._grants.values())

    def users(self) -> set[int]:
        return set(self._users)

    def named(self, family: str) -> Grant | None:
        return self._grants.get(family)

    def of_user(self, user_id: int) -> list[Grant]:
        return [self._grants[family] for family in self._users.get(user_id, ())]

    def by_access(self, digest: str) -> Grant | None:
        return self._grants.get(self._access.get(digest, ""))

    def by_refresh(self, digest: str) -> Grant | None:
        return self._grants.get(self._refresh.get(digest, ""))

    def by_spent(self, digest: str) -> Grant | None:
        return self._grants.get(self._spent.get(digest, ""))
