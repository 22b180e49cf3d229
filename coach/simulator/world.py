"""All that one simulated WHOOP knows and what may be done to it, held by its Flask app."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Flask, current_app

from coach.simulator.apps import Apps, Registration
from coach.simulator.changes import Change, changes
from coach.simulator.clock import Clock
from coach.simulator.crowd import FIRST_ID
from coach.simulator.delivery import Delivery
from coach.simulator.faults import Faults, Script
from coach.simulator.grants import Grants, Pair
from coach.simulator.ids import day_of
from coach.simulator.journal import Journal
from coach.simulator.life import Chapter, backwards, on_day
from coach.simulator.members import Member
from coach.simulator.options import Options
from coach.simulator.post import PostOffice
from coach.simulator.visits import Visits

EVERYTHING = (
    "offline", "read:recovery", "read:cycles", "read:workout", "read:sleep", "read:profile",
    "read:body_measurement",
)  # fmt: skip


class ClockStands(RuntimeError):
    """The world was made with somebody else's clock, which cannot be set from here."""


@dataclass
class World:
    """Not frozen, as a world goes on; make it by `create_simulator`, find it by `world_of`."""

    apps: Apps
    members: tuple[Member, ...]
    clock: Callable[[], datetime]
    options: Options
    grants: Grants
    visits: Visits
    journal: Journal
    post: PostOffice = field(init=False)
    faults: Faults = field(default_factory=Faults)
    deleted: set[UUID] = field(default_factory=set)
    edits: dict[UUID, list[datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id = {each.user_id: each for each in self.members}
        self._by_email = {each.email: each for each in self.members}
        self.post = PostOffice(
            lives=self._changes,
            apps=self.apps,
            grants=self.grants,
            deleted=self.deleted,
            manner=self.options.manner,
            now=self.clock(),
        )

    @property
    def named(self) -> list[Member]:
        """Return the dozen, whom people sign in as; the crowd would fill the page."""
        return [each for each in self.members if each.user_id < FIRST_ID]

    def member(self, user_id: int) -> Member | None:
        return self._by_id.get(user_id)

    def member_by_email(self, email: str) -> Member | None:
        return self._by_email.get(email.strip().lower())

    def advance(self, to: datetime) -> list[Delivery]:
        """Let it become `to` and return the deliveries due by then, signed, the oldest first.

        Raises ClockStands unless the world was made with a `Clock`, ValueError on the way back.
        """
        if to < self.clock():
            raise ValueError(f"it is later than {to} already")
        self.settable().set(to)
        return self.post.due(to)

    def settable(self) -> Clock:
        """Return the clock, if it can be set from here. Raises ClockStands."""
        if not isinstance(self.clock, Clock):
            raise ClockStands
        return self.clock

    def next_due(self) -> datetime | None:
        """Return when the next announcement or delivery is due; None for not within 12 hours."""
        return self.post.next_due()

    def answered(self, delivery: Delivery, status: int | None) -> None:
        """Say what the app answered, None for nothing; without a 2xx it is tried again."""
        self.post.answered(delivery, status)

    def wait(self, seconds: float) -> None:
        """Let time pass: really, or at once where the clock stands until told."""
        if isinstance(self.clock, Clock) and not self.clock.ticking:
            self.clock.forward(timedelta(seconds=seconds))
        else:
            time.sleep(seconds)

    def register(self, app: Registration) -> None:
        """Register an app, or replace the one of the same client id."""
        self.apps.register(app)

    def grant(
        self, user_id: int, *, client_id: str | None = None, scopes: tuple[str, ...] = EVERYTHING
    ) -> Pair:
        """Link a member to an app, the first one if not told otherwise, without any page."""
        return self.grants.hand_out(client_id or self.apps.first.client_id, user_id, scopes)

    def follow(self, script: Script) -> None:
        """Let faults fall by this script from now on."""
        self.faults.follow(script, self.clock())
        if script.refresh is not None:
            self.grants.reuse = script.refresh

    def delete(self, subject: UUID, user_id: int | None = None) -> bool:
        """Delete a sleep with its recovery, or a workout; say whether a linked member had it."""
        owned = self._kinds(subject, user_id)
        self.deleted.add(subject)
        for owner, kind in owned:
            self.post.happened(Change(self.clock(), owner, f"{kind}.deleted", subject))
        return bool(owned)

    def rescore(self, subject: UUID, user_id: int | None = None) -> bool:
        """Score a sleep with its recovery, or a workout, again; say whether a member had it."""
        owned = self._kinds(subject, user_id)
        self.edits.setdefault(subject, []).append(self.clock())
        for owner, kind in owned:
            self.post.happened(Change(self.clock(), owner, f"{kind}.updated", subject))
        return bool(owned)

    def chapters(self, member: Member, until: datetime | None = None) -> Iterator[Chapter]:
        """Live the member's life as it is seen now, the newest cycle first, lazily."""
        return map(self._as_seen, backwards(member, self.clock(), until=until))

    def chapter(self, member: Member, thing: UUID | int) -> Chapter | None:
        """Return the cycle of this id, or the one that this sleep or workout belongs to."""
        day = day_of(thing)
        found = self.day(member, day) if day else None
        others = found is not None and isinstance(thing, int) and found.cycle.id != thing
        return None if others else found

    def day(self, member: Member, day: date) -> Chapter | None:
        """Return the cycle that began with the night that ended on this day, as seen now."""
        found = on_day(member, day, self.clock())
        return self._as_seen(found) if found else None

    def _as_seen(self, chapter: Chapter) -> Chapter:
        seen = chapter.edited(self.edits) if self.edits else chapter
        return seen.without(self.deleted) if self.deleted else seen

    def _changes(self, user_id: int, since: datetime, until: datetime) -> Iterator[Change]:
        naps, member = self.options.nap_recoveries, self._by_id.get(user_id)
        return changes(member, since, until, nap_recoveries=naps) if member else iter(())

    def _kinds(self, subject: UUID, user_id: int | None) -> list[tuple[int, str]]:
        """Return whose this is, and as what: a sleep is also the recovery of that name."""
        asked = sorted(self.grants.linked()) if user_id is None else [user_id]
        members = filter(None, map(self.member, asked))
        return [(each.user_id, kind) for each in members for kind in self._names(each, subject)]

    def _names(self, member: Member, subject: UUID) -> Iterator[str]:
        chapter = self.chapter(member, subject)
        if chapter is not None:
            if any(each.id == subject for each in chapter.sleeps):
                yield "sleep"
            if any(each.sleep_id == subject for each in chapter.recoveries):
                yield "recovery"
            if any(each.id == subject for each in chapter.workouts):
                yield "workout"


def world_of(app: Flask) -> World:
    """Return the world behind a simulated WHOOP."""
    found = app.extensions.get("simulator")
    if not isinstance(found, World):
        raise TypeError("this app is no simulated WHOOP")
    return found


def world() -> World:
    """Return the world of the app that answers this request."""
    return world_of(current_app)
