"""What has really happened to a crowd, held against what is stored: how late, and what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from benchmarks.crowd import Crowd, Home
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.simulator.changes import changes
from coach.simulator.life import Chapter, backwards
from coach.simulator.members import Member
from coach.whoop.models import WhoopRecord

# What happened so shortly before the end of a day is on its way.
ON_ITS_WAY = timedelta(minutes=10)
A_DAY = timedelta(days=1)
# Nothing is scored again later than this.
REACH = timedelta(days=12)


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One version of a record: since when WHOOP shows it."""

    since: datetime
    kind: str
    id: str


class Latencies:
    """Which changes are not visible yet, and how long the others took."""

    def __init__(self, crowd: Crowd, since: datetime) -> None:
        self._homes, self._until = crowd.homes, since
        self._coming: list[tuple[Thing, int]] = []
        self._open: dict[int, set[Thing]] = defaultdict(set)
        self.seconds: list[float] = []

    def happen(self, now: datetime) -> None:
        """Take in what has happened by now."""
        if now >= self._until:
            self._foresee()
        while self._coming and self._coming[0][0].since <= now:
            thing, user_id = heappop(self._coming)
            self._open[user_id].add(thing)

    def look(self, user_id: int, visible_at: datetime) -> None:
        """Find what has become visible of a member by a piece of work that ended just now."""
        waiting = self._open[user_id]
        if waiting:
            home = self._homes[user_id]
            seen = {each for each in waiting if _shows(_stored(home, waiting), each)}
            waiting -= seen
            self.seconds += [(visible_at - each.since).total_seconds() for each in seen]

    @property
    def unseen(self) -> int:
        return sum(map(len, self._open.values()))

    def _foresee(self) -> None:
        since, self._until = self._until, self._until + A_DAY
        for user_id, home in self._homes.items():
            for change in changes(home.member, since, self._until):
                if not change.pending:
                    kind = change.type.partition(".")[0]
                    thing = Thing(change.at, kind, str(change.subject))
                    heappush(self._coming, (thing, user_id))


def missing(homes: Iterable[Home], since: datetime, until: datetime) -> list[Thing]:
    """List what WHOOP shows, since some moment of a span of time, and we do not."""
    found: list[Thing] = []
    for home in homes:
        true = [each for each in _true(home.member, until) if since < each.since <= until]
        stored = _stored(home, true)
        found += [each for each in true if not _shows(stored, each)]
    return found


def count(homes: Iterable[Home], since: datetime, until: datetime) -> int:
    """Count the closed cycles, sleeps, recoveries and workouts that came or changed in a span."""
    return sum(since < each.since <= until for home in homes for each in _true(home.member, until))


def midnights(crowd: Crowd, since: datetime, days: int) -> list[tuple[datetime, list[Home]]]:
    """List when days end where somebody is, with everybody there, the earliest first."""
    ending: dict[datetime, list[Home]] = defaultdict(list)
    for home in crowd.homes.values():
        here = since.astimezone(ZoneInfo(home.member.persona.zone))
        ends = here.replace(hour=0, minute=0) + A_DAY
        for day in range(days):
            ending[ends.astimezone(UTC) + day * A_DAY].append(home)
    return sorted(ending.items())


def _true(member: Member, now: datetime) -> Iterator[Thing]:
    for chapter in backwards(member, now):
        if chapter.cycle.start < now - REACH:
            return
        yield from _things(chapter)


def _things(chapter: Chapter) -> Iterator[Thing]:
    if chapter.cycle.end is not None:
        yield Thing(chapter.cycle.updated_at, "cycle", str(chapter.cycle.id))
    for sleep in chapter.sleeps:
        yield Thing(sleep.updated_at, "sleep", str(sleep.id))
    for recovery in chapter.recoveries:
        yield Thing(recovery.updated_at, "recovery", str(recovery.sleep_id))
    for workout in chapter.workouts:
        yield Thing(workout.updated_at, "workout", str(workout.id))


Stored = dict[tuple[str, str], datetime]


def _stored(home: Home, things: Iterable[Thing]) -> Stored:
    """Say since when WHOOP showed what we hold of some things; an open cycle counts as absent."""
    wanted = select(
        WhoopRecord.kind, WhoopRecord.provider_id, WhoopRecord.provider_updated_at
    ).where(
        WhoopRecord.organisation_id == home.organisation_id,
        WhoopRecord.client_id == home.client_id,
        WhoopRecord.provider_id.in_([each.id for each in things]),
        WhoopRecord.deleted_at.is_(None),
        (WhoopRecord.kind != "cycle") | WhoopRecord.ends_at.is_not(None),
    )
    with acting_for(home.organisation_id):
        rows: list[Row[str, str, datetime]] = list(db.session.execute(wanted))
        db.session.rollback()
        db.session.remove()
    return {(kind, provider_id): updated_at for kind, provider_id, updated_at in rows}


def _shows(stored: Stored, thing: Thing) -> bool:
    updated_at = stored.get((thing.kind, thing.id))
    return updated_at is not None and updated_at >= _as_sent(thing.since)


def _as_sent(moment: datetime) -> datetime:
    """Cut to the milliseconds that WHOOP sends."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
