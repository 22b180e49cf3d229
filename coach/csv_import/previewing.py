"""What a preview shows: how many days share each fate, and a page of them with their values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

from coach.csv_import import importing
from coach.days.differences import Difference, Fate
from coach.days.metrics import METRICS, Value

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
    """The days of one fate, newest first, a page at a time."""

    counts: Mapping[Fate, int]
    chosen: Fate
    lines: list[DayLine]
    number: int
    pages: int


def page_of(import_id: UUID, *, fate: str, number: int, zone: str) -> PreviewPage:
    """Give one page of what applying would do; a fate or number that is not there is mended."""
    preview = importing.preview(import_id)
    there = [each for each in MOST_TELLING if preview.counts[each]]
    chosen = next((each for each in there if each == fate), there[0] if there else Fate.NEW)
    days = [day for day in reversed(preview.days) if day.fate is chosen]
    pages = max(1, -(-len(days) // DAYS_A_PAGE))
    number = min(max(1, number), pages)
    shown = days[(number - 1) * DAYS_A_PAGE : number * DAYS_A_PAGE]
    return PreviewPage(
        counts={each: preview.counts[each] for each in MOST_TELLING},
        chosen=chosen,
        lines=[_line(day, ZoneInfo(zone)) for day in shown],
        number=number,
        pages=pages,
    )


def _line(day: Difference, home: tzinfo) -> DayLine:
    east = day.offset_minutes
    there = home if east is None else timezone(timedelta(minutes=east))
    changed, kept = _pairs(day.changed, there), _pairs(day.kept, there)
    return DayLine(day.date, day.fate, changed, kept)


def _pairs(values: Mapping[str, tuple[Value, Value]], zone: tzinfo) -> list[Pair]:
    """Put values in the order of the metrics, and times on the clock of the place."""
    names = sorted(values, key=_PLACES.__getitem__)
    return [Pair(name, *(_local(each, zone) for each in values[name])) for name in names]


def _local(value: Value, zone: tzinfo) -> Value:
    return value.astimezone(zone) if isinstance(value, datetime) else value
