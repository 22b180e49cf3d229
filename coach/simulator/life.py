"""A member's life as WHOOP would show it at a given moment."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar
from uuid import UUID

from coach.simulator.days import Day, live
from coach.simulator.members import Member
from coach.simulator.offsets import designator
from coach.simulator.records import Cycle, Recovery, ScoreState, Sleep, Workout

OPEN_CYCLE_MOVES_EVERY = 600  # seconds


class Versioned(Protocol):
    @property
    def updated_at(self) -> datetime: ...


V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One cycle and what belongs to it, as seen at one moment; a recovery comes with its sleep."""

    cycle: Cycle
    sleeps: tuple[Sleep, ...]
    recoveries: tuple[Recovery, ...]
    workouts: tuple[Workout, ...]

    @property
    def main(self) -> Sleep | None:
        return next((sleep for sleep in self.sleeps if not sleep.nap), None)

    def without(self, deleted: Collection[UUID]) -> "Chapter":
        """Leave out sleeps, their recoveries, and workouts that the member has deleted."""
        return replace(
            self,
            sleeps=tuple(each for each in self.sleeps if each.id not in deleted),
            recoveries=tuple(each for each in self.recoveries if each.sleep_id not in deleted),
            workouts=tuple(each for each in self.workouts if each.id not in deleted),
        )

    def recovery_of(self, sleep: Sleep | None) -> Recovery | None:
        return next((each for each in self.recoveries if sleep and each.sleep_id == sleep.id), None)


def life(member: Member, now: datetime) -> list[Chapter]:
    """Return the whole life up to `now`, oldest first."""
    return [_chapter(member, day, now) for day in _days(member, now)]


def _days(member: Member, now: datetime) -> Iterator[Day]:
    # A day east of Greenwich may be over before it has begun in UTC.
    last = now.astimezone(UTC).date() + timedelta(days=1)
    for number in range((last - member.joined).days + 1):
        day = _lived(member, number)
        if day and day.created_at <= now:
            yield day


@lru_cache(maxsize=20_000)
def _lived(member: Member, number: int) -> Day | None:
    return live(member, member.joined + timedelta(days=number))


def _chapter(member: Member, day: Day, now: datetime) -> Chapter:
    return _closed(member, day) if day.closed_at <= now else _seen(member, day, now)


@lru_cache(maxsize=20_000)
def _closed(member: Member, day: Day) -> Chapter:
    """Return a chapter that does not change any more."""
    return _seen(member, day, day.closed_at)


def _seen(member: Member, day: Day, now: datetime) -> Chapter:
    sleeps = [_latest(rest.sleeps, now) for rest in day.rests]
    recoveries = [_latest(rest.recoveries, now) for rest in day.rests]
    workouts = [_latest((workout,), now) for workout in day.workouts]
    return Chapter(
        cycle=_cycle(member, day, now),
        sleeps=tuple(each for each in sleeps if each),
        recoveries=tuple(each for each in recoveries if each),
        workouts=tuple(each for each in workouts if each),
    )


def _latest(versions: Sequence[V], now: datetime) -> V | None:
    return next((each for each in reversed(versions) if each.updated_at <= now), None)


def _cycle(member: Member, day: Day, now: datetime) -> Cycle:
    start, end, closed = day.outline.start, day.end, day.closed_at <= now
    moment = day.closed_at if closed else max(day.created_at, _coarse(now))
    return Cycle(
        id=day.cycle_id,
        user_id=member.user_id,
        created_at=day.created_at,
        updated_at=moment,
        start=start,
        end=end if closed else None,
        timezone_offset=designator(day.outline.offset),
        score_state=ScoreState.SCORED,
        score=day.exertion.score(start, end, end if closed else moment),
        step_count=day.exertion.steps(start, end, end if closed else moment),
    )


def _coarse(now: datetime) -> datetime:
    seconds = int(now.timestamp()) // OPEN_CYCLE_MOVES_EVERY * OPEN_CYCLE_MOVES_EVERY
    return datetime.fromtimestamp(seconds, UTC)
