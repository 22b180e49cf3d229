"""How far back the history of a link is read: the state, the work, the progress.

The state is one JSON column of the integration, written in the transaction that stores a page. Each
list has a place of its own; the days follow up to where every list is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import bindparam, select, update

from coach.extensions import db, settings
from coach.whoop.models import Integration, Status
from coach.whoop.payloads import RecordKind
from coach.whoop.sync import gaps
from coach.whoop.sync.cursors import LISTS
from coach.whoop.sync.fencing import Link
from coach.work.asking import Kind, ask, open_work
from coach.work.models import Lane, Queue

HISTORY = Kind("whoop_history", Queue.SYNC)
A_DAY = timedelta(days=1)
# Why a piece of history came back, when nothing but its turn was in the way.
MORE = "more"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back one list is read; `token` is WHOOP's mark of the next page before `end`."""

    back_to: datetime
    end: datetime
    token: str | None = None
    pages: int = 0
    read: bool = False
    granted: bool = True

    def by_time(self) -> "Reach":
        """Go on without WHOOP's mark, with a day of overlap."""
        return replace(self, token=None, end=self.back_to + A_DAY)


@dataclass(frozen=True, slots=True)
class History:
    """How far back a link is read: from `begun` to `limit`, its days as far as `settled`."""

    generation: int
    seen_at: datetime  # when the first sync looked
    begun: datetime
    limit: datetime
    settled: datetime
    lists: dict[RecordKind, Reach]
    asked: frozenset[date] = frozenset()

    @property
    def done(self) -> bool:
        return self.settled <= self.limit

    @property
    def complete_to(self) -> datetime:
        """Say back to when every list is read."""
        unread = [each.back_to for each in self.lists.values() if not each.read]
        return max(unread, default=self.limit)

    @property
    def back_to(self) -> datetime:
        """Say where the days begin by now: at the limit, or where the member's data begins."""
        return max(self.limit, self.lists[RecordKind.CYCLE].back_to) if self.done else self.settled

    @property
    def percent(self) -> int:
        """Say how much is settled, of all that lies between the first look and the limit."""
        whole, settled = self.seen_at - self.limit, self.seen_at - self.settled
        return 100 if self.done else min(int(100 * (settled / whole)), 99)

    def next_list(self) -> RecordKind | None:
        """Choose what is least far back: days come whole, newest first."""
        unread = [kind for kind, each in self.lists.items() if not each.read]
        return max(unread, key=lambda kind: self.lists[kind].back_to, default=None)

    def having(self, kind: RecordKind, reach: Reach) -> "History":
        return replace(self, lists={**self.lists, kind: reach})

    def under(self, generation: int) -> "History":
        """Go on under a new grant: by time, not by old marks, and with what was refused before."""
        if generation == self.generation:
            return self
        again = {
            kind: each.by_time() if each.granted else Reach(self.begun, self.begun)
            for kind, each in self.lists.items()
        }
        refused = not all(each.granted for each in self.lists.values())
        settled = self.begun if refused else self.settled
        return replace(self, generation=generation, lists=again, settled=settled)


_stored = TypeAdapter(History)
# Every sync asks it, so it is built once.
_READ = select(Integration.history).where(
    Integration.organisation_id == bindparam("owner"),
    Integration.id == bindparam("link"),
    Integration.status.in_([Status.ACTIVE, Status.ERROR]),
)


def follow(link: Link, *, since: datetime, now: datetime) -> None:
    """Ask, in the running transaction, for what a sync that has ended leaves out.

    That is what lies before a first sync's `since`, and holes of the last weeks.
    """
    known = of(link)
    if known is None or link.last_sync is None:
        known = begin(link.generation, since=since if link.last_sync is None else now, now=now)
        write(link, known)
    left = not known.done or holes(link, known, now=now)
    # Who does it locks its row, and then waits for the link that we hold: it goes on without us.
    if left and open_work(HISTORY, link.id) is None:
        ask(
            HISTORY,
            organisation_id=link.organisation_id,
            subject_id=link.id,
            lane=Lane.BACKFILL,
        )


def begin(generation: int, *, since: datetime, now: datetime) -> History:
    """Say what is to be read: what lies between the first sync and the limit of the settings."""
    limit = now - timedelta(days=settings().whoop_backfill_days)
    nothing = since <= limit
    reach = Reach(back_to=since, end=since, read=nothing)
    return History(
        generation=generation,
        seen_at=now,
        begun=since,
        limit=limit,
        settled=limit if nothing else since,
        lists=dict.fromkeys(LISTS, reach),
    )


def read(link: Link) -> History | None:
    """Read the state of a link that may be read; None when nothing has begun."""
    place = {"owner": link.organisation_id, "link": link.id}
    stored = db.session.connection().scalar(_READ, place)
    return of(replace(link, history=stored or {}))


def of(link: Link) -> History | None:
    """Give the state as it was when the link was loaded; None when nothing had begun."""
    known = parse(link.history)
    return known.under(link.generation) if known else None


def parse(stored: Mapping[str, object]) -> History | None:
    """Read the JSON of the column."""
    return _stored.validate_python(stored) if stored else None


def dump(known: History) -> dict[str, object]:
    """Write the JSON of the column."""
    dumped: dict[str, object] = _stored.dump_python(known, mode="json")
    return dumped


def write(link: Link, known: History) -> None:
    """Write the state in the running transaction, which has made sure that the link stands."""
    db.session.execute(
        update(Integration)
        .where(Integration.organisation_id == link.organisation_id, Integration.id == link.id)
        .values(history=dump(known))
    )


def holes(link: Link, known: History, *, now: datetime) -> list[date]:
    """List the days that are missing, and that nobody has asked for alone yet."""
    strip = gaps.last_days(link.client_id, timezone=link.timezone, now=now)
    return [
        day for day in gaps.holes(strip) if day > known.settled.date() and day not in known.asked
    ]
