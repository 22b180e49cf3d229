"""A member's life as WHOOP would show it at a given moment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar
from uuid import UUID

from coach.simulator.days import Day, live
from coach.simulator.edits import edited_recovery, edited_sleep, edited_workout
from coach.simulator.members import Member
from coach.simulator.offsets import designator
from coach.simulator.records import Cycle, Recovery, ScoreState, Sleep, Workout

OPEN_CYCLE_MOVES_EVERY = 600  # seconds
DAYS_KEPT = 60_000  # about 4 KB each: a month of 2,000 members


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

    def edited(self, edits: Mapping[UUID, Sequence[datetime]]) -> "Chapter":
        """Put in the values of what was scored again by hand."""
        return replace(
            self,
            sleeps=tuple(edited_sleep(each, edits.get(each.id, ())) for each in self.sleeps),
            recoveries=tuple(
                edited_recovery(each, edits.get(each.sleep_id, ())) for each in self.recoveries
            ),
            workouts=tuple(edited_workout(each, edits.get(each.id, ())) for each in self.workouts),
        )

    def recovery_of(self, sleep: Sleep | None) -> Recovery | None:
        return next((each for each in self.recoveries if sleep and each.sleep_id == sleep.id), None)


def life(member: Member, now: datetime) -> list[Chapter]:
    """Return the whole life up to `now`, oldest first."""
    return list(backwards(member, now))[::-1]


def backwards(member: Member, now: datetime, *, until: datetime | None = None) -> Iterator[Chapter]:
    """Live the life as seen `now` from its end, or from `until`, back to its beginning."""
    # A day east of Greenwich may be over before it has begun in UTC.
    last = min(now, until or now).astimezone(UTC).date() + timedelta(days=1)
    for number in range((last - member.joined).days, -1, -1):
        chapter = _chapter(member, number, now)
        if chapter:
            yield chapter


def on_day(member: Member, day: date, now: datetime) -> Chapter | None:
    """Return the chapter of this day, if there is one `now`."""
    number = (day - member.joined).days
    return _chapter(member, number, now) if number >= 0 else None


def days_between(member: Member, first: date, last: date) -> Iterator[Day]:
    """Return the days from `first` to `last` with all that will ever be told of them."""
    for number in range(max(0, (first - member.joined).days), (last - member.joined).days + 1):
        day = _lived(member, number)
        if day:
            yield day


@lru_cache(maxsize=DAYS_KEPT)
def _lived(member: Member, number: int) -> Day | None:
    return live(member, member.joined + timedelta(days=number))


def _chapter(member: Member, number: int, now: datetime) -> Chapter | None:
    day = _lived(member, number)
    if day is None or now < day.created_at:
        return None
    return _settled(member, number) if day.settled_at <= now else _seen(member, day, now)


@lru_cache(maxsize=DAYS_KEPT)
def _settled(member: Member, number: int) -> Chapter | None:
    """Return a chapter that does not change any more."""
    day = _lived(member, number)
    return _seen(member, day, day.settled_at) if day else None


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
