"""What one WHOOP app has used, and whether one call more may be made now (pure).

What WHOOP says in its headers may only lower what is left. A refusal holds the whole app; after it
one call alone finds out whether it is over, and each refusal in a row holds longer.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from coach.whoop.client import Limits
from coach.whoop.errors import SlowDown
from coach.whoop.quota import shares
from coach.whoop.quota.shares import Shares
from coach.whoop.quota.windows import DAY, MINUTE, Used
from coach.work.models import Lane

# What a lane leaves to more urgent ones, in percent of the limits. The scheduled syncs of a full app
# take nearly all of a day, and take no more of it tomorrow: a small reserve is enough there. History
# that stopped at half of a day would never be read where an ordinary day takes more than half; calls
# of yesterday leave the window as those of today come, so that a quarter is enough for what is new.
RESERVE_PERCENT = {Lane.FRESH: 0, Lane.RECONCILE: 20, Lane.BACKFILL: 50}
RESERVE_PERCENT_OF_DAY = {Lane.FRESH: 0, Lane.RECONCILE: 5, Lane.BACKFILL: 25}
# WHOOP's own limit of a minute; settings may say more than it gives.
USUAL_PER_MINUTE = 100
BUSY_PERCENT = 93
# We believe a header for so long at most; after that one call finds out.
SHORTEST_BELIEF, LONGEST_BELIEF = 1, 3600
# The second refusal in a row holds at least so long, each one after it twice as long, up to a cap.
SECOND_HOLD, LONGEST_GROWN_HOLD = 30, 300
# Longer than any call takes: a probe that did not report is dead, and the next one may go.
PROBE_SECONDS = 45
LOOK_AT_PROBE_SECONDS = 5.0
# Work that waits is spread over so long at most behind the first moment at which a call may go.
LONGEST_SPREAD = 600.0


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to make calls soon; `probes`: it is one, and finds out whether a refusal is over."""

    left: int
    probes: bool
    calls: int = 1
    at: float = 0.0  # when they were counted, in seconds since 1970


@dataclass(slots=True)
class Ledger:
    """One WHOOP app: its limits, its calls, and what WHOOP has said."""

    per_minute: int
    per_day: int
    seconds: Used
    minutes: Used
    told_left: int | None = None
    told_until: datetime | None = None
    held_until: datetime | None = None
    refusals: int = 0
    probed_until: datetime | None = None
    shares: Shares = field(default_factory=dict)
    promised: dict[str, float] = field(default_factory=dict)

    def take(
        self, lane: Lane, now: datetime, organisation: str | None = None, *, calls: int = 1
    ) -> Grant:
        """Count a call, or several while there is plenty; raises SlowDown with the seconds to wait."""
        at = max(now.timestamp(), *(float(second) for second in self.seconds), 0.0)  # never back
        self._slide(at)
        wait = self._wait(lane, now, at)
        if wait <= 0 and organisation and self._is_scarce(lane):
            wait = shares.give_way(self.shares, organisation, lane, at)
        if wait > 0:
            raise SlowDown(wait)
        granted = self._count(organisation, now, at)
        while granted.calls < calls and self._has_plenty(lane, now, at):
            granted = replace(self._count(organisation, now, at), calls=granted.calls + 1)
        return granted

    def give_back(self, granted: Grant, calls: int, organisation: str | None = None) -> None:
        """Uncount calls that were granted and not made; what WHOOP said is left stays as it is."""
        self.seconds = MINUTE.giving_back(self.seconds, granted.at, calls)
        self.minutes = DAY.giving_back(self.minutes, granted.at, calls)
        if organisation:
            self.shares = shares.giving_back(self.shares, organisation, granted.at, calls)

    def park(self, wait: float, lane: Lane, now: datetime, organisation: str | None) -> float:
        """Give work that has to wait a moment of its own, so that not all comes back at once.

        Moments lie as far apart as calls of the lane may follow each other; gives seconds from now.
        """
        at, step = now.timestamp(), 60 / minutely(self.per_minute, lane)
        a_day = daily(self.per_day, lane)
        if DAY.wait(self.minutes, a_day, at) > 0:
            step = 86_400 / a_day
        turn = max(at + wait, self.promised.get(lane, 0.0) + step)
        if turn > at + wait + LONGEST_SPREAD:
            turn = at + wait
        self.promised = {**self.promised, lane: turn}
        if organisation and not self.refusals:  # held, nobody takes what another waits for
            self.shares = shares.waiting(self.shares, organisation, lane, turn)
        return turn - at

    def heed(self, said: Limits, now: datetime) -> None:
        """Believe WHOOP when it refuses, or says that less is left than we think."""
        if said.hold_seconds is not None:
            self._hold(said.hold_seconds, now)
        elif _seconds(self.held_until, now) <= 0:
            self.refusals, self.probed_until = 0, None
        if said.remaining is None or said.reset_seconds is None:
            return
        known = self._told(now)
        if known is None or said.remaining < known:
            seconds = min(max(said.reset_seconds, SHORTEST_BELIEF), LONGEST_BELIEF)
            self.told_left = max(said.remaining, 0)
            self.told_until = now + timedelta(seconds=seconds)

    def is_busy(self, now: datetime) -> bool:
        """Tell whether so much of a day is used that what can wait for weeks should wait."""
        used = sum(DAY.sliding(self.minutes, now.timestamp()).values())
        return used * 100 >= self.per_day * BUSY_PERCENT

    def left(self, now: datetime) -> int:
        """Say how many calls may still be made, by whatever is shortest."""
        at = now.timestamp()
        left = [self.per_minute - sum(MINUTE.sliding(self.seconds, at).values())]
        left.append(self.per_day - sum(DAY.sliding(self.minutes, at).values()))
        told = self._told(now)
        return max(min(left if told is None else [*left, told]), 0)

    def _slide(self, at: float) -> None:
        self.seconds = MINUTE.sliding(self.seconds, at)
        self.minutes = DAY.sliding(self.minutes, at)
        self.shares = shares.tidy(self.shares, at)

    def _count(self, organisation: str | None, now: datetime, at: float) -> Grant:
        probes = self.refusals > 0
        if probes:
            self.probed_until = now + timedelta(seconds=PROBE_SECONDS)
        self.seconds = MINUTE.counting(self.seconds, at)
        self.minutes = DAY.counting(self.minutes, at)
        if organisation:
            self.shares = shares.counting(self.shares, organisation, at)
        if self.told_left is not None:
            self.told_left -= 1
        return Grant(self.left(now), probes, at=at)

    def _hold(self, seconds: float, now: datetime) -> None:
        """Hold the app; a refusal of a call that was under way is no further one in a row."""
        if _seconds(self.held_until, now) <= 0:
            self.refusals += 1
        grown = SECOND_HOLD * 2 ** min(self.refusals - 2, 10) if self.refusals > 1 else 0
        until = now + timedelta(seconds=max(seconds, min(grown, LONGEST_GROWN_HOLD)))
        self.held_until, self.probed_until = max(until, self.held_until or until), None

    def _closed(self, now: datetime) -> float:
        probing = min(_seconds(self.probed_until, now), LOOK_AT_PROBE_SECONDS)
        return max(_seconds(self.held_until, now), probing)

    def _wait(self, lane: Lane, now: datetime, at: float) -> float:
        return max(self._closed(now), self._full(lane, at), self._told_wait(lane, now))

    def _has_plenty(self, lane: Lane, now: datetime, at: float) -> bool:
        """Tell whether one call more may go now, and nobody needs to give way for it."""
        return not self.refusals and not self._is_scarce(lane) and self._wait(lane, now, at) <= 0

    def _full(self, lane: Lane, at: float) -> float:
        return max(
            MINUTE.wait(self.seconds, minutely(self.per_minute, lane), at),
            DAY.wait(self.minutes, daily(self.per_day, lane), at),
        )

    def _is_scarce(self, lane: Lane) -> bool:
        minute, day = minutely(self.per_minute, lane), daily(self.per_day, lane)
        for allowed, used in ((minute, self.seconds), (day, self.minutes)):
            if (allowed - sum(used.values())) * 100 <= allowed * shares.SCARCE_PERCENT:
                return True
        return False

    def _told(self, now: datetime) -> int | None:
        return self.told_left if _seconds(self.told_until, now) > 0 else None

    def _told_wait(self, lane: Lane, now: datetime) -> float:
        left = self._told(now)
        most = min(self.per_minute, USUAL_PER_MINUTE)
        reserve = most - minutely(most, lane)
        return 0.0 if left is None or left > reserve else _seconds(self.told_until, now)


def daily(limit: int, lane: Lane) -> int:
    """Say how many calls a day there may be before a lane has to wait."""
    return limit - limit * RESERVE_PERCENT_OF_DAY[lane] // 100


def minutely(limit: int, lane: Lane) -> int:
    """Say how many calls a minute there may be before a lane has to wait."""
    return limit - limit * RESERVE_PERCENT[lane] // 100


def _seconds(until: datetime | None, now: datetime) -> float:
    return (until - now).total_seconds() if until else 0.0
