"""What a preview shows: how many days share each fate, and a page of them with their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from coach.csv_import import comparing
from coach.csv_import.models import Import, ImportDay
from coach.database.tenancy import current_organisation
from coach.days.codec import read
from coach.days.differences import Fate
from coach.days.metrics import METRICS, Value
from coach.extensions import db

DAYS_A_PAGE = 30
# What a person wants to look at first.
MOST_TELLING = (Fate.CHANGED, Fate.KEPT, Fate.NEW, Fate.SAME)
_PLACES = {name: place for place, name in enumerate(METRICS)}


@dataclass(frozen=True, slots=True)
class Pair:
    """A value beside another: old and new, or what was typed and what the file says."""

    name: str
    first: Value
    second: Value


@dataclass(frozen=True, slots=True)
class DayLine:
    """What would become of one day."""

    date: date
    fate: Fate
    changed: list[Pair]
    kept: list[Pair]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The days of one fate, newest first, a page at a time; `stale` when days changed since."""

    counts: Mapping[Fate, int]
    chosen: Fate
    lines: list[DayLine]
    number: int
    pages: int
    stale: bool


def page_of(upload: Import, *, fate: str, number: int, zone: str) -> PreviewPage | None:
    """Give one page of what applying would do; a fate or number that is not there is mended.

    None when it was never worked out.
    """
    if upload.compared_at is None:
        return None
    counts = _counts(upload.id)
    there = [each for each in MOST_TELLING if counts[each]]
    chosen = next((each for each in there if each == fate), there[0] if there else Fate.NEW)
    pages = max(1, -(-counts[chosen] // DAYS_A_PAGE))
    number = min(max(1, number), pages)
    days = _days(upload.id, chosen, number)
    return PreviewPage(
        counts=counts,
        chosen=chosen,
        lines=[_line(day, ZoneInfo(zone)) for day in days],
        number=number,
        pages=pages,
        stale=comparing.is_stale(upload),
    )


def _counts(import_id: UUID) -> dict[Fate, int]:
    told = select(ImportDay.fate, func.count()).where(*_of(import_id)).group_by(ImportDay.fate)
    found = {Fate(fate): count for fate, count in db.session.execute(told)}
    return {fate: found.get(fate, 0) for fate in MOST_TELLING}


def _days(import_id: UUID, fate: Fate, number: int) -> Sequence[ImportDay]:
    shown = select(ImportDay).where(*_of(import_id), ImportDay.fate == fate)
    one_page = shown.limit(DAYS_A_PAGE).offset((number - 1) * DAYS_A_PAGE)
    return db.session.scalars(one_page.order_by(ImportDay.date.desc())).all()


def _of(import_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportDay.organisation_id == current_organisation(),
        ImportDay.import_id == import_id,
    )


def _line(day: ImportDay, home: tzinfo) -> DayLine:
    east = day.offset_minutes
    there = home if east is None else timezone(timedelta(minutes=east))
    changed, kept = _pairs(day.changed, there), _pairs(day.kept, there)
    return DayLine(day.date, Fate(day.fate), changed, kept)


def _pairs(stored: Mapping[str, object], zone: tzinfo) -> list[Pair]:
    """Put values in the order of the metrics, and times on the clock of the place."""
    names = sorted(stored.keys() & _PLACES.keys(), key=_PLACES.__getitem__)
    pairs = {name: cast("list[object]", stored[name]) for name in names}
    return [
        Pair(name, *(_local(read(name, each), zone) for each in pair))
        for name, pair in pairs.items()
    ]


def _local(value: Value, zone: tzinfo) -> Value:
    return value.astimezone(zone) if isinstance(value, datetime) else value
