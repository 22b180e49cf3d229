"""The simulated WHOOP of the installation as a test sees it: its doors, and its journal as judge."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import httpx
from pydantic import TypeAdapter

from coach.simulator.grants import Pair
from coach.simulator.journal import Call, worst
from tests import loopback
from tests.processes.stage import wait_until

TOKENS = "/oauth/oauth2/token"
LISTS = "/developer/v2/*"
ACCESS = "/developer/v2/user/access"
MEMBERS = {
    name: 10129 + number
    for number, name in enumerate(
        [
            "mara",
            "noah",
            "tessa",
            "omar",
            "finn",
            "lena",
            "hugo",
            "ines",
            "ada",
            "priya",
            "walter",
            "june",
        ]
    )
}
# Faults of the token endpoint under which it does its work.
HEARD_ALL_THE_SAME = {"slow", "lost"}
Effect = Mapping[str, object]


def fault(name: str, effect: Effect, *, path: str = LISTS, **match: object) -> dict[str, object]:
    """Write one fault of a script; its effect is a kind with what belongs to it."""
    return {"name": name, "effect": dict(effect), "match": {"path": path, **match}}


class Told(NamedTuple):
    """What the journal's door tells."""

    calls: list[Call]
    next: int


_told = TypeAdapter(Told)


@dataclass
class WhoopSide:
    """WHOOP's journal from some call on, and what can be done to WHOOP."""

    origin: str
    since: int = 0

    def follow(self, *faults: dict[str, object], refresh: str = "family") -> None:
        """Let these faults fall from now on; a spent refresh token does what `refresh` says."""
        self._post("faults", {"refresh": refresh, "faults": list(faults)})

    @contextmanager
    def following(self, *faults: dict[str, object], refresh: str = "family") -> Iterator[None]:
        self.follow(*faults, refresh=refresh)
        try:
            yield
        finally:
            self.follow(refresh=refresh)

    def fell(self, name: str) -> int:
        """Say how many calls a fault has met, also those whose answer is still to come."""
        return int(loopback.get(self._door("faults")).json()["fell"].get(name, 0))

    def wait_until_it_falls(self, name: str, times: int = 1) -> None:
        wait_until(lambda: self.fell(name) >= times, what=f"the fault {name}")

    def start_anew(self) -> None:
        """Forget what was called so far, and let nothing go wrong."""
        self.follow()
        self.since = self._journal().next

    def grant(self, member: str) -> Pair:
        """Let a member grant everything, without a page."""
        number = str(MEMBERS[member])
        made = self._post("grants", {"user_ids": [int(number)]}).json()[number]
        return Pair(made["access_token"], made["refresh_token"], tuple(made["scopes"]))

    def revoke(self, member: str) -> int:
        """End the member's grants; how many there were."""
        return int(self._post(f"revoke/{MEMBERS[member]}").json()["revoked"])

    def rescore(self, subject: str, member: str) -> None:
        self._post(f"rescore/{subject}?member={MEMBERS[member]}")

    def announce_nothing(self) -> None:
        self._post("webhooks", {"dropped": 1.0})

    def announce_all(self) -> None:
        self._post("webhooks", {})

    def register(self, *, secret: str, base_url: str) -> None:
        """Register the installation's app again, with this secret."""
        self._post(
            "apps",
            {
                "client_id": "test-client",
                "client_secret": secret,
                "redirect_uris": [f"{base_url}/cabinet/whoop-callback"],
                "webhook_url": f"{base_url}/webhooks/whoop",
                "per_minute": 1000,
                "per_day": 100_000,
            },
        )

    def calls(self, path: str = "", member: str | None = None) -> list[Call]:
        """List the calls of which the path begins so, the oldest first."""
        found = self._journal(self.since).calls
        whose = MEMBERS[member] if member else None
        return [
            each for each in found if each.path.startswith(path) and whose in {None, each.member}
        ]

    def api_calls(self, member: str | None = None) -> list[Call]:
        return self.calls("/developer/", member)

    def refreshes(self, member: str | None = None) -> list[Call]:
        """List the calls that showed a refresh token, heard or not."""
        return [each for each in self.calls(TOKENS, member) if each.token]

    def reused(self) -> int:
        """Count how often a refresh token came again; calls that a fault kept away do not count."""
        heard = Counter(
            each.token
            for each in self.refreshes()
            if each.status in {0, 200, 400} and each.fault in {None, *HEARD_ALL_THE_SAME}
        )
        return sum(number - 1 for number in heard.values())

    def worst(self, window: timedelta) -> int:
        return max(worst(self.calls(), window).values(), default=0)

    def _journal(self, since: int = 0) -> Told:
        answer = loopback.get(self._door("journal"), params={"since": since})
        return _told.validate_json(answer.content)

    def _post(self, door: str, said: Mapping[str, object] | None = None) -> httpx.Response:
        return loopback.post(self._door(door), json=said or {}).raise_for_status()

    def _door(self, name: str) -> str:
        return f"{self.origin}/_simulator/{name}"
