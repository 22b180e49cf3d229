"""What goes wrong, by script: which calls, and what happens to them."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from coach.simulator.dice import dice
from coach.simulator.grants import Reuse


class Kind(StrEnum):
    STATUS = "status"  # `status`, `headers`, `body` instead of the answer
    WAF = "waf"  # a 403 page in HTML, of the wall before WHOOP
    SLOW = "slow"  # the answer is made, and comes `seconds` later
    DRIP = "drip"  # the body comes at `rate` bytes a second
    TRUNCATED = "truncated"  # only `keep` bytes of the body come
    INVALID_JSON = "invalid_json"
    WRONG_TYPE = "wrong_type"  # the answer calls itself HTML
    RECORDS = "records"  # `how`: enum, extra, nulls, strings, absent
    PAGES = "pages"  # `how`: added, removed, repeated, loop
    REVOKED = "revoked"  # the member ends the app's grants just before
    LOST = "lost"  # done, and the connection closed without an answer
    RESET = "reset"  # not done, and the connection reset
    REDIRECT = "redirect"  # 302 to `to`
    BOMB = "bomb"  # gzip that becomes `megabytes`


class How(StrEnum):
    ENUM = "enum"
    EXTRA = "extra"
    NULLS = "nulls"
    STRINGS = "strings"
    ABSENT = "absent"
    ADDED = "added"
    REMOVED = "removed"
    REPEATED = "repeated"
    LOOP = "loop"


class Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Written):
    """Which calls; what is left out does not matter. Times are moments, or seconds from now on."""

    path: str = "/developer/*"  # as in a shell; `/oauth/oauth2/token` for tokens
    method: str | None = None
    app: str | None = None
    member: int | None = None
    nth: tuple[int, ...] = ()  # of the calls that match so far, counted from 1
    chance: float = Field(default=1.0, ge=0, le=1)
    count: int | None = None  # at most so many times
    after: AwareDatetime | float | None = None
    until: AwareDatetime | float | None = None


class Effect(Written):
    kind: Kind
    status: int = 500
    headers: dict[str, str] = {}
    body: str = ""
    seconds: float = 1.0
    rate: float = Field(default=1.0, gt=0)
    keep: int = 20
    how: How = How.ENUM
    to: str = "http://elsewhere.invalid/"
    megabytes: int = 100


class Fault(Written):
    name: str
    effect: Effect
    match: Match = Match()


class Script(Written):
    """The first fault that falls on a call takes it."""

    seed: int = 1
    refresh: Reuse | None = None  # what a spent refresh token does from now on
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as far as a fault cares."""

    at: datetime
    method: str
    path: str
    app: str | None
    member: int | None


class Faults:
    """The script in force, and how often each fault was met and fell."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.script, self._since = Script(), datetime.fromtimestamp(0, UTC)
        self.met: Counter[str] = Counter()
        self.fell: Counter[str] = Counter()

    def follow(self, script: Script, now: datetime) -> None:
        """Follow this script from now on, counting anew."""
        with self._lock:
            self.script, self._since = script, now
            self.met, self.fell = Counter(), Counter()

    def choose(self, asked: Asked) -> Fault | None:
        with self._lock:
            falling = (fault for fault in self.script.faults if self._falls(fault, asked))
            return next(falling, None)

    def _falls(self, fault: Fault, asked: Asked) -> bool:
        match, name = fault.match, fault.name
        if not (_concerns(match, asked) and self._in_time(match, asked.at)):
            return False
        self.met[name] += 1
        number = self.met[name]
        falls = (
            (not match.nth or number in match.nth)
            and (match.count is None or self.fell[name] < match.count)
            and (match.chance == 1 or dice(self.script.seed, name, number).random() < match.chance)
        )
        self.fell[name] += falls
        return falls

    def _in_time(self, match: Match, at: datetime) -> bool:
        after, until = (self._moment(each) for each in (match.after, match.until))
        return (after is None or after <= at) and (until is None or at < until)

    def _moment(self, told: datetime | float | None) -> datetime | None:
        return self._since + timedelta(seconds=told) if isinstance(told, int | float) else told


def _concerns(match: Match, asked: Asked) -> bool:
    return (
        fnmatchcase(asked.path, match.path)
        and match.method in {None, asked.method}
        and match.app in {None, asked.app}
        and match.member in {None, asked.member}
    )
