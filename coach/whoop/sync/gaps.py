"""What there is of each of a client's last days, in one word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select

from coach.database.tenancy import current_organisation
from coach.days.calendar import today
from coach.days.metrics import Source
from coach.days.models import DailyLog, DayReading
from coach.extensions import db

STRIP_DAYS = 60
# Ordinary syncs read so many days again, at least once a week; a younger hole is seen by them.
READ_AGAIN_DAYS = 30
DEVICES = frozenset({Source.WHOOP, Source.EXPORT})
A_DAY = timedelta(days=1)

# Every sync asks these, so they are built once.
Shown: TypeAlias = tuple[date, float | None, dict[str, object], str]
_LOGS = select(DailyLog.date, DailyLog.recovery_score, DailyLog.sources, DailyLog.state).where(
    DailyLog.organisation_id == bindparam("owner"), DailyLog.client_id == bindparam("client")
)
_TOLD = (
    DayReading.organisation_id == bindparam("owner"),
    DayReading.client_id == bindparam("client"),
    DayReading.source.in_(DEVICES),
)
_FIRST = select(func.min(DayReading.date)).where(*_TOLD)
_LAST = select(DayReading.date).where(*_TOLD).order_by(DayReading.date.desc()).limit(1)
_SINCE = _LOGS.add_columns(_FIRST.scalar_subquery().label("first")).where(
    DailyLog.date > bindparam("after")
)
_NEWEST = _LOGS.where(DailyLog.date == _LAST.scalar_subquery())


class DayState(StrEnum):
    """What there is of one day."""

    SCORED = "scored"
    PENDING = "pending"
    UNSCORABLE = "unscorable"
    MANUAL = "manual"
    MISSING = "missing"
    BEFORE = "before"  # earlier than anything a device told us


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of one day: who said its recovery, and who said anything."""

    recovery: Source | None
    sources: frozenset[Source]
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the strip."""

    date: date
    state: DayState
    by_device: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The last days of a client, oldest first, and how many there are of each state."""

    cells: Sequence[Cell]

    @property
    def known(self) -> bool:
        """Tell whether there is any day to speak of."""
        return any(cell.state is not DayState.BEFORE for cell in self.cells)

    @property
    def counts(self) -> dict[DayState, int]:
        found = [cell.state for cell in self.cells]
        return {state: found.count(state) for state in DayState if state in found}


def state_of(known: Known | None, day: date, *, first: date | None, today: date) -> DayState:
    """Tell what there is of a day; `first` is the first day a device told of, None if none did."""
    if known is not None and known.sources:
        return _state_of_known(known)
    if first is None or day < first:
        return DayState.BEFORE
    return DayState.PENDING if day == today else DayState.MISSING


def strip(known: Mapping[date, Known], *, first: date | None, today: date) -> Strip:
    """Tell of each of the last 60 days, the client's today included."""
    dates = [today - timedelta(days=back) for back in reversed(range(STRIP_DAYS))]
    return Strip([_cell(known.get(day), day, first=first, today=today) for day in dates])


def holes(shown: Strip) -> list[date]:
    """List days that no device told of, though it told of earlier and later ones.

    What lies behind the newest one is where every sync looks; so are the last weeks.
    """
    told = [cell.date for cell in shown.cells if cell.by_device]
    newest = max(told, default=date.min)
    latest = shown.cells[-1].date - timedelta(days=READ_AGAIN_DAYS)
    return [
        cell.date
        for cell in shown.cells
        if not cell.by_device
        and cell.state is not DayState.BEFORE
        and cell.date < min(newest, latest)
    ]


def stretches(dates: Sequence[date]) -> list[tuple[date, date]]:
    """Join days that follow each other: first and last of each stretch, oldest first."""
    found: list[tuple[date, date]] = []
    for day in sorted(dates):
        if found and found[-1][1] == day - A_DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def last_days(client_id: UUID, *, timezone: str, now: datetime) -> Strip:
    """Gather the strip of a client whom the caller may see."""
    here = today(now, timezone)
    since = {**_mine(client_id), "after": here - timedelta(days=STRIP_DAYS)}
    rows = db.session.connection().execute(_SINCE, since).all()
    first = rows[0].first if rows else _first(client_id)
    return strip({day: _read(*known) for day, *known, _ in rows}, first=first, today=here)


def newest(client_id: UUID) -> DayState | None:
    """Tell of the last day a device told of; one statement."""
    found = _known(_NEWEST, client_id)
    return next((_state_of_known(known) for known in found.values()), None)


def _state_of_known(known: Known) -> DayState:
    if known.recovery in DEVICES:
        return DayState.SCORED
    if known.recovery is Source.MANUAL or not known.sources & DEVICES:
        return DayState.MANUAL
    return DayState.PENDING if known.provisional else DayState.UNSCORABLE


def _cell(known: Known | None, day: date, *, first: date | None, today: date) -> Cell:
    by_device = known is not None and bool(known.sources & DEVICES)
    return Cell(day, state_of(known, day, first=first, today=today), by_device)


def _known(chosen: Select[*Shown], client_id: UUID, **which: object) -> dict[date, Known]:
    rows = db.session.connection().execute(chosen, {**_mine(client_id), **which})
    return {day: _read(score, sources, state) for day, score, sources, state in rows}


def _read(score: float | None, sources: Mapping[str, object], state: str) -> Known:
    said = frozenset(Source(each) for each in set(map(str, sources.values())))
    recovery = sources.get("recovery_score") if score is not None else None
    return Known(Source(str(recovery)) if recovery else None, said, state == "provisional")


def _first(client_id: UUID) -> date | None:
    return db.session.connection().scalar(_FIRST, _mine(client_id))


def _mine(client_id: UUID) -> dict[str, object]:
    return {"owner": current_organisation(), "client": client_id}
