"""How a link stands, in one word, and how far its history has come (pure but for two queries)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, func, select, text

from coach.extensions import db
from coach.whoop.models import Integration, Status
from coach.whoop.quota.ledger import daily, minutely
from coach.whoop.sync import jobs
from coach.whoop.sync.gaps import DayState
from coach.whoop.sync.history import HISTORY, MORE, History
from coach.work.models import OPEN_STATES, Lane, Work, WorkState

QUIET_AFTER = timedelta(days=2)
# What 25 days of a usual member cost: a page of each list, and a bit for naps and workouts.
CALLS_A_DAY = 4.4 / 25
KNOWN_WELL_DAYS = 60
WORTH_SAYING = timedelta(minutes=30)
UNDERWAY = and_(Work.kind.in_([jobs.SYNC.name, HISTORY.name]), text(OPEN_STATES))


class Standing(StrEnum):
    """How a link stands; from `quiet` on it is linked, and nothing has to be done about it."""

    NOT_LINKED = "not_linked"
    DISCONNECTED = "disconnected"
    RECONNECT = "reconnect"
    ERROR = "error"
    SYNCING = "syncing"
    WAITING = "waiting"
    QUIET = "quiet"
    PENDING = "pending"
    UNSCORABLE = "unscorable"
    HISTORY = "history"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Underway:
    """The open work of one link."""

    sync: Work | None = None
    history: Work | None = None

    @property
    def sync_waits(self) -> bool:
        return _put_off(self.sync)

    @property
    def history_waits(self) -> bool:
        """Tell whether WHOOP's limits hold the history up; taking turns is no waiting."""
        work = self.history
        return work is not None and _put_off(work) and work.error != MORE


@dataclass(frozen=True, slots=True)
class Limits:
    """WHOOP's limits of one app, and how many histories share what they leave to this lane."""

    per_minute: int
    per_day: int
    histories: int

    def time_for(self, calls: float) -> timedelta:
        """Say how long so many calls take; the day's limit decides when a day holds too few."""
        ours = calls * max(self.histories, 1)
        a_day = daily(self.per_day, Lane.BACKFILL)
        if ours <= a_day:
            return timedelta(minutes=ours / minutely(self.per_minute, Lane.BACKFILL))
        return timedelta(days=ours / a_day)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the history has come: back to a day, in percent, and how long it still takes."""

    back_to: date
    percent: int
    done: bool
    takes: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What tells how a link stands, where a list reads columns of hundreds; `sync` is open work."""

    status: str
    last_sync: datetime | None
    data_through: datetime | None
    sync: bool = False
    sync_waits: bool = False
    history: bool = False


def standing(
    integration: Integration | None, underway: Underway, *, newest: DayState | None = None
) -> Standing:
    """Tell how a link stands; `newest` is the last day a device told of, for who may know."""
    if integration is None:
        return Standing.NOT_LINKED
    facts = Facts(
        integration.status,
        integration.last_sync,
        integration.data_through,
        sync=underway.sync is not None,
        sync_waits=underway.sync_waits,
        history=underway.history is not None,
    )
    return standing_of(facts, newest=newest)


def standing_of(facts: Facts, *, newest: DayState | None = None) -> Standing:
    """Tell how a link that was made stands."""
    if facts.status == Status.DISCONNECTED:
        return Standing.DISCONNECTED
    if facts.status == Status.RECONNECT_NEEDED:
        return Standing.RECONNECT
    if facts.sync:
        return Standing.WAITING if facts.sync_waits else Standing.SYNCING
    if facts.status == Status.ERROR:
        return Standing.ERROR
    return _quiet(facts, newest) or (Standing.HISTORY if facts.history else Standing.LINKED)


def quiet_days(integration: Integration | Facts) -> int:
    """Count the days between WHOOP's last word and our last look; 0 when there was no look."""
    if integration.last_sync is None or integration.data_through is None:
        return 0
    return max((integration.last_sync - integration.data_through).days, 0)


def underway(integration_ids: Collection[UUID]) -> dict[UUID, Underway]:
    """Find the open work of some links; one statement."""
    works = db.session.scalars(select(Work).where(UNDERWAY, Work.subject_id.in_(integration_ids)))
    return by_link(integration_ids, works)


def by_link(integration_ids: Collection[UUID], works: Iterable[Work]) -> dict[UUID, Underway]:
    """Tell apart the open work of some links."""
    found = {(work.subject_id, work.kind): work for work in works}
    return {
        each: Underway(found.get((each, jobs.SYNC.name)), found.get((each, HISTORY.name)))
        for each in integration_ids
    }


def progress(known: History, limits: Limits | None = None) -> Progress:
    """Tell how far a history has come, and with `limits` how long it still takes, if it is long."""
    takes = limits.time_for(calls_left(known)) if limits and not known.done else timedelta()
    return Progress(
        back_to=known.back_to.date(),
        percent=known.percent,
        done=known.done,
        takes=takes if takes >= WORTH_SAYING else None,
    )


def calls_left(known: History) -> float:
    """Guess the calls to come from those that were made so far."""
    covered = (known.begun - known.settled).days
    pages = sum(each.pages for each in known.lists.values())
    a_day = pages / covered if covered >= KNOWN_WELL_DAYS else CALLS_A_DAY
    return a_day * max((known.settled - known.limit).days, 0)


def histories_under_way() -> int:
    """Count the histories that are read now, of whatever organisation: they share the limits."""
    return db.session.execute(
        select(func.count()).where(Work.kind == HISTORY.name, text(OPEN_STATES))
    ).scalar_one()


def _put_off(work: Work | None) -> bool:
    return work is not None and work.state == WorkState.WAITING and work.error is not None


def _quiet(facts: Facts, newest: DayState | None) -> Standing | None:
    if quiet_days(facts) >= QUIET_AFTER.days:
        return Standing.QUIET
    if newest is DayState.PENDING:
        return Standing.PENDING
    return Standing.UNSCORABLE if newest is DayState.UNSCORABLE else None
