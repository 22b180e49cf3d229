"""From what the sources tell to what is stored: days, sleeps, workouts and answers of one client.

All of it is a function of what the sources hold, and only the difference is written: in whichever
order imports, syncs, deletions and edits come, the rows end the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from coach.database.writes import Writes
from coach.days import happenings, readings, store
from coach.days.assembling import Assembled, assemble
from coach.days.calendar import NEIGHBOURHOOD
from coach.days.metrics import Source
from coach.days.telling import Told
from coach.extensions import db

A_DAY = timedelta(days=1)
DEVICES = (Source.WHOOP, Source.EXPORT)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a client's life; without an end it goes on for ever."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def dates(self) -> tuple[date, date]:
        """Name the first and the last date that are written."""
        first = (self.since - A_DAY).date() if self.since else date.min
        last = (self.until + A_DAY).date() if self.until else date.max
        return first, last

    def wider(self) -> "Stretch":
        """Take in the cycles either side: a date's owner depends on its neighbours."""
        more = NEIGHBOURHOOD + A_DAY
        return Stretch(self.since and self.since - more, self.until and self.until + more)


ALL = Stretch()
Teller: TypeAlias = Callable[[UUID, Stretch], Told]
_tellers: dict[Source, Teller] = {}


def tells(source: Source) -> Callable[[Teller], Teller]:
    """Register how a source tells what it holds of a client, all cycles that begin in a stretch."""

    def register(teller: Teller) -> Teller:
        _tellers[source] = teller
        return teller

    return register


def derive(client_id: UUID, *, cause: Source, stretch: Stretch = ALL) -> int:
    """Write what follows for a stretch of one client; returns how many days changed.

    `cause` is the source that has news. What changed lies at least three days inside the stretch.
    """
    store.lock(client_id)  # before reading: whoever writes last has read the newest
    assembled = assemble({each: _tellers[each](client_id, stretch.wider()) for each in DEVICES})
    first, last = stretch.dates
    writes = Writes()
    happenings.write(client_id, assembled, writes, first=first, last=last)
    within = (first, last)
    changed = store.replace(client_id, assembled.readings, writes, within=within, cause=cause)
    writes.send(db.session())
    return changed


def rebuild(client_id: UUID) -> int:
    """Derive everything of a client again from what is stored; returns how many days changed."""
    changed = derive(client_id, cause=Source.WHOOP)
    return changed + store.rebuild(client_id, readings.dates_of(client_id), source=Source.WHOOP)


def imagine(client_id: UUID, source: Source, told: Told) -> Assembled:
    """Say what would follow if a source told this, without writing anything."""
    others = {each: _tellers[each](client_id, ALL) for each in DEVICES if each is not source}
    return assemble({**others, source: told})
