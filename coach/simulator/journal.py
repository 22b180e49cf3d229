"""Every request that came in, in order, and what may be counted of them."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock
from typing import NamedTuple

DAYS_COUNTED = 40
API = "/developer/"


@dataclass(frozen=True, slots=True)
class Call:
    at: datetime
    method: str
    path: str
    query: str
    status: int  # 0 when the connection was closed without an answer
    app: str | None = None
    member: int | None = None
    token: str | None = None  # the beginning of the bearer's SHA-256, never the token
    fault: str | None = None
    number: int = 0  # counts from 1

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)


class MemberDay(NamedTuple):
    app: str | None
    member: int | None
    day: date


class Journal(deque[Call]):
    """The newest calls, the oldest of them first; writing is safe between threads."""

    def __init__(self, kept: int = 10_000) -> None:
        super().__init__(maxlen=kept)
        self._per_day: Counter[MemberDay] = Counter()  # also of calls that are forgotten
        self._lock = Lock()
        self._written = 0

    @property
    def written(self) -> int:
        return self._written

    def write(self, call: Call) -> None:
        with self._lock:
            self._written += 1
            self.append(replace(call, number=self._written))
            if call.is_api:
                self._count(MemberDay(call.app, call.member, call.at.date()))

    def since(self, number: int) -> list[Call]:
        """Return the calls after this one that are still kept."""
        with self._lock:
            return [call for call in self if call.number > number]

    def counted(self) -> Mapping[MemberDay, int]:
        """Return the API calls of each member and day (UTC) in the last forty days."""
        with self._lock:
            return dict(self._per_day)

    def _count(self, key: MemberDay) -> None:
        if key not in self._per_day and len(self._per_day) % 1000 == 0:
            oldest = key.day - timedelta(days=DAYS_COUNTED)
            self._per_day = Counter({k: n for k, n in self._per_day.items() if k.day > oldest})
        self._per_day[key] += 1


def worst(calls: Iterable[Call], window: timedelta) -> Mapping[str, int]:
    """Return the most API calls that each app made within any such span of time."""
    within: dict[str, deque[datetime]] = defaultdict(deque)
    most: dict[str, int] = {}
    for call in sorted((each for each in calls if each.is_api and each.app), key=_when):
        app = call.app or ""
        recent = within[app]
        recent.append(call.at)
        while recent[0] <= call.at - window:
            recent.popleft()
        most[app] = max(most.get(app, 0), len(recent))
    return most


def _when(call: Call) -> datetime:
    return call.at
