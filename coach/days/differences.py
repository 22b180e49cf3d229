"""What would become of a client's days if a source told something else: the preview of an import."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from coach.days import deriving, readings
from coach.days.merge import Reading, merge
from coach.days.metrics import Source, Value
from coach.days.telling import Told


class Fate(StrEnum):
    """What becomes of a date."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Difference:
    """What would become of one date.

    `changed` gives old and new value by field; `kept` gives what a person typed, whose word stays,
    beside what the source says instead. Times are told on a clock so many minutes east of UTC.
    """

    date: date
    fate: Fate
    changed: Mapping[str, tuple[Value, Value]]
    kept: Mapping[str, tuple[Value, Value]]
    offset_minutes: int | None = None


def differences(
    client_id: UUID, source: Source, told: Told, *, cycles: Collection[str]
) -> list[Difference]:
    """Compare the days with those that would be if a source told this, by date; writes nothing.

    Covers the dates of the told cycles with these keys, and any other date that would change.
    """
    assembled = deriving.imagine(client_id, source, told)
    named = {assembled.dates[key] for key in cycles if key in assembled.dates}
    before = readings.all_of(client_id)
    dates = sorted({*before, *(day for days in assembled.readings.values() for day in days)})
    found = []
    for day in dates:
        news = {by: days[day] for by, days in assembled.readings.items() if day in days}
        difference = _difference(day, before.get(day, {}), news, source)
        if difference.changed or day in named:
            found.append(difference)
    return found


def _difference(
    day: date, before: Mapping[Source, Reading], news: Mapping[Source, Reading], source: Source
) -> Difference:
    typed = before.get(Source.MANUAL)
    after = {**news, Source.MANUAL: typed} if typed else news
    old, new = merge(before.values()).values, merge(after.values()).values
    changed = {
        name: (old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }
    kept = _kept(typed, news.get(source))
    offset = new.get("sleep_offset_minutes")
    east = int(offset) if isinstance(offset, int | float) else None
    return Difference(day, _fate(before, changed, kept), changed, kept, east)


def _kept(typed: Reading | None, said: Reading | None) -> dict[str, tuple[Value, Value]]:
    """Give what a person typed otherwise than a source says it, beside what that says."""
    if typed is None or said is None:
        return {}
    both = sorted(typed.values.keys() & said.values.keys())
    return {
        name: (typed.values[name], said.values[name])
        for name in both
        if typed.values[name] != said.values[name]
    }


def _fate(
    before: Mapping[Source, Reading], changed: Collection[str], kept: Collection[str]
) -> Fate:
    if not before:
        return Fate.NEW
    if changed:
        return Fate.CHANGED
    return Fate.KEPT if kept else Fate.SAME
