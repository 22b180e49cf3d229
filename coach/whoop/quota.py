"""Keeps our calls under WHOOP's limits, across workers: one ledger per WHOOP app.

WHOOP does not say whether its windows slide. Whoever stays under the limit in every sliding window
stays under it in fixed ones too. What WHOOP says in its headers may only lower what is left.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.database.tenancy import acting_for
from coach.extensions import db, settings
from coach.whoop.client import Limits
from coach.whoop.errors import SlowDown
from coach.whoop.models import QuotaLedger
from coach.work.models import Lane

# What a lane leaves to more urgent ones, in percent of each limit.
RESERVE_PERCENT = {Lane.FRESH: 0, Lane.RECONCILE: 20, Lane.BACKFILL: 50}
# We believe a header for so long at most; after that one call finds out.
SHORTEST_BELIEF, LONGEST_BELIEF = 1, 3600

Used: TypeAlias = dict[str, int]


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window, counted in buckets of `width` seconds."""

    width: int
    buckets: int

    @classmethod
    def of(cls, seconds: int, *, width: int) -> "Window":
        """One bucket more for the one that has begun, and one for calls that arrive a bit later."""
        return cls(width, seconds // width + 2)

    def sliding(self, used: Mapping[str, int], now: float) -> Used:
        """Forget what has left the window."""
        oldest = now // self.width - self.buckets
        return {bucket: count for bucket, count in used.items() if int(bucket) > oldest}

    def counting(self, used: Mapping[str, int], now: float) -> Used:
        """Count one call."""
        bucket = str(int(now // self.width))
        return {**used, bucket: used.get(bucket, 0) + 1}

    def wait(self, used: Mapping[str, int], allowed: int, now: float) -> float:
        """Say in how many seconds there is room for one call."""
        excess, free_at = sum(used.values()) - allowed + 1, now
        for bucket in sorted(used, key=int):
            if excess <= 0:
                break
            excess -= used[bucket]
            free_at = (int(bucket) + self.buckets) * self.width
        return free_at - now


MINUTE = Window.of(60, width=1)
DAY = Window.of(86_400, width=60)


@dataclass(slots=True)
class Ledger:
    """What one WHOOP app has used, what WHOOP says is left, and until when nobody may call."""

    per_minute: int
    per_day: int
    seconds: Used
    minutes: Used
    told_left: int | None = None
    told_until: datetime | None = None
    held_until: datetime | None = None

    def take(self, lane: Lane, now: datetime) -> int:
        """Count one call and say how many are left; raises SlowDown when it may not be made now."""
        at = max(now.timestamp(), *(float(second) for second in self.seconds), 0.0)  # never back
        self.seconds = MINUTE.sliding(self.seconds, at)
        self.minutes = DAY.sliding(self.minutes, at)
        wait = max(
            MINUTE.wait(self.seconds, _allowed(self.per_minute, lane), at),
            DAY.wait(self.minutes, _allowed(self.per_day, lane), at),
            _seconds(self.held_until, now),
            self._told_wait(lane, now),
        )
        if wait > 0:
            raise SlowDown(wait)
        self.seconds = MINUTE.counting(self.seconds, at)
        self.minutes = DAY.counting(self.minutes, at)
        if self.told_left is not None:
            self.told_left -= 1
        return self._left(now)

    def heed(self, said: Limits, now: datetime) -> None:
        """Believe WHOOP when it says that less is left than we think."""
        if said.hold_seconds is not None:
            until = now + timedelta(seconds=said.hold_seconds)
            self.held_until = max(until, self.held_until or until)
        if said.remaining is None or said.reset_seconds is None:
            return
        known = self._told(now)
        if known is None or said.remaining < known:
            seconds = min(max(said.reset_seconds, SHORTEST_BELIEF), LONGEST_BELIEF)
            self.told_left = max(said.remaining, 0)
            self.told_until = now + timedelta(seconds=seconds)

    def _told(self, now: datetime) -> int | None:
        return self.told_left if _seconds(self.told_until, now) > 0 else None

    def _told_wait(self, lane: Lane, now: datetime) -> float:
        left = self._told(now)
        reserve = self.per_minute - _allowed(self.per_minute, lane)
        return 0.0 if left is None or left > reserve else _seconds(self.told_until, now)

    def _left(self, now: datetime) -> int:
        left = [self.per_minute - sum(self.seconds.values())]
        left.append(self.per_day - sum(self.minutes.values()))
        told = self._told(now)
        return min(left if told is None else [*left, told])


class Pace:
    """What one client of WHOOP asks before each call, and tells after it."""

    def __init__(self, app_id: UUID, lane: Lane) -> None:
        self._app_id = app_id
        self._lane = lane
        self._left = 0

    def before_call(self) -> None:
        """Ask whether a call may be made now; raises SlowDown."""
        self._left = grant(self._app_id, self._lane)

    def after_call(self, said: Limits) -> None:
        """Write down what WHOOP said, if it is worse than what we knew."""
        lower = said.remaining is not None and said.remaining < self._left
        if lower or said.hold_seconds is not None:
            heed(self._app_id, said)


def grant(app_id: UUID, lane: Lane, *, now: datetime | None = None) -> int:
    """Count one call of an app and say how many are left; raises SlowDown if it has to wait.

    Without `now` it is the database's clock that counts, read once the ledger is ours.
    """
    with _open(app_id, now) as (ledger, moment):
        return ledger.take(lane, moment)


def heed(app_id: UUID, said: Limits, *, now: datetime | None = None) -> None:
    """Keep for every worker what WHOOP said of its limits."""
    with _open(app_id, now) as (ledger, moment):
        ledger.heed(said, moment)


@contextmanager
def _open(app_id: UUID, now: datetime | None) -> Iterator[tuple[Ledger, datetime]]:
    """Hold an app's ledger in a short transaction of its own, and write it back."""
    mine = QuotaLedger.whoop_app_id == app_id
    with acting_for(None), db.engine.begin() as connection:
        ledger = _read(connection, app_id)
        yield ledger, now or connection.execute(select(func.clock_timestamp())).scalar_one()
        connection.execute(
            update(QuotaLedger)
            .where(mine)
            .values(
                seconds=ledger.seconds,
                minutes=ledger.minutes,
                told_left=ledger.told_left,
                told_until=ledger.told_until,
                held_until=ledger.held_until,
            )
        )


def _read(connection: Connection, app_id: UUID) -> Ledger:
    columns = ("seconds", "minutes", "told_left", "told_until", "held_until")
    locked = (
        select(*(getattr(QuotaLedger, name) for name in columns))
        .where(QuotaLedger.whoop_app_id == app_id)
        .with_for_update()
    )
    found = connection.execute(locked).one_or_none()
    if found is None:
        new = insert(QuotaLedger).values(whoop_app_id=app_id).on_conflict_do_nothing()
        connection.execute(new)
        found = connection.execute(locked).one()
    known = settings()
    return Ledger(known.whoop_rate_limit_per_minute, known.whoop_rate_limit_per_day, *found)


def _allowed(limit: int, lane: Lane) -> int:
    return limit - limit * RESERVE_PERCENT[lane] // 100


def _seconds(until: datetime | None, now: datetime) -> float:
    return (until - now).total_seconds() if until else 0.0
