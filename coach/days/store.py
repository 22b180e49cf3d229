"""Record readings and rebuild the days they touch; the only writer of days.

Everything for one client happens under one advisory lock of the transaction, so that readings of
several sources and edits of people may arrive at once and still end in the same rows. Each step
is one statement, however many days it touches.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Date, RowMapping, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from coach.database.tenancy import current_organisation
from coach.database.writes import Writes
from coach.days import readings, staleness
from coach.days.codec import as_text, to_json
from coach.days.merge import Day, Reading, merge
from coach.days.metrics import METRICS, Source, Value
from coach.days.models import DailyLog
from coach.days.readings import key
from coach.extensions import db
from coach.ids import new_id

FIELDS = tuple(METRICS)
SaidBySource: TypeAlias = Mapping[Source, Mapping[date, Reading]]
# A stored day as it is read: its columns by name.
Log: TypeAlias = RowMapping
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
# Every sync asks these, so they are built once, and read as rows: nothing is to become of them.
_LOGS = select(
    DailyLog.date,
    *(getattr(DailyLog, name) for name in FIELDS),
    DailyLog.source,
    DailyLog.sources,
    DailyLog.doubtful,
    DailyLog.calibrating,
    DailyLog.state,
).where(
    DailyLog.organisation_id == bindparam("owner"),
    DailyLog.client_id == bindparam("client"),
    DailyLog.date == func.any(bindparam("dates", type_=ARRAY(Date))),
)
_DROP_LOGS = (
    "DELETE FROM daily_logs WHERE organisation_id = :owner AND client_id = :client"
    " AND date = ANY(CAST(:dates AS date[]))"
)


def record(
    client_id: UUID,
    source: Source,
    said: Mapping[date, Reading],
    *,
    silent: Collection[date] = (),
    by: UUID | None = None,
) -> int:
    """Store what one source says of some days, and rebuild those days.

    `silent` names dates of which the source says nothing any more. Returns how many days changed.
    """
    lock(client_id)
    writes = Writes()
    readings.put(client_id, said.items(), writes)
    readings.drop(client_id, {(source, day) for day in set(silent) - said.keys()}, writes)
    writes.send(db.session())
    return rebuild(client_id, {*said, *silent}, source=source, by=by)


def lock(client_id: UUID) -> None:
    """Let one transaction at a time write a client's days."""
    db.session.connection().execute(_LOCK, {"key": str(client_id)})


def rebuild(
    client_id: UUID, dates: Collection[date], *, source: Source, by: UUID | None = None
) -> int:
    """Derive days again from all stored readings; returns how many changed."""
    writes = Writes()
    said = readings.of_dates(client_id, dates) if dates else {}
    changed = _follow(client_id, dates, said, writes, source=source, by=by)
    writes.send(db.session())
    return changed


def _follow(  # noqa: PLR0913  what is said of which days, and whose word changed
    client_id: UUID,
    dates: Collection[date],
    said: Mapping[date, Sequence[Reading]],
    writes: Writes,
    *,
    source: Source,
    by: UUID | None = None,
) -> int:
    """Let days follow from all that is said of them; returns how many change."""
    if not dates:
        return 0
    before = _logs(client_id, dates)
    days = {day: merge(each) for day, each in said.items()}
    changed = {
        day: merged
        for day, merged in days.items()
        if day not in before or _row(merged) != _stored(before[day])
    }
    _put_logs(client_id, changed, writes)
    gone = before.keys() - days.keys()
    _drop_logs(client_id, gone, writes)
    # What a device says of a date that nobody has seen is no change.
    seen = changed if by else {day: it for day, it in changed.items() if day in before}
    _note_changes(client_id, _differences(before, seen, gone), writes, source=source, by=by)
    if changed or gone:
        staleness.mark(client_id, min([*changed, *gone]), writes)
    return len(changed) + len(gone)


def replace(
    client_id: UUID,
    said: SaidBySource,
    writes: Writes,
    *,
    within: tuple[date, date],
    cause: Source,
) -> int:
    """Make these all that the devices say of dates from a first to a last; the changed days.

    The client is locked. Only what differs from what is stored is written. `cause` is the source
    that has news.
    """
    first, last = within
    stored = readings.between(client_id, first=first, last=last)
    before = {(source, day): it for (source, day), it in stored.items() if source in said}
    now = {
        (source, day): reading
        for source, days in said.items()
        for day, reading in days.items()
        if first <= day <= last
    }
    changed = {place: reading for place, reading in now.items() if before.get(place) != reading}
    gone = before.keys() - now.keys()
    readings.put(client_id, [(day, it) for (_, day), it in changed.items()], writes)
    readings.drop(client_id, gone, writes)
    dates = {day for _, day in [*changed, *gone]}
    left: dict[date, list[Reading]] = {}
    for (source, day), reading in {**stored, **changed}.items():
        if day in dates and (source, day) not in gone:
            left.setdefault(day, []).append(reading)
    return _follow(client_id, dates, left, writes, source=cause)


def _logs(client_id: UUID, dates: Collection[date]) -> dict[date, Log]:
    place = {"owner": current_organisation(), "client": client_id, "dates": list(dates)}
    rows = db.session.connection().execute(_LOGS, place).mappings()
    return {row["date"]: row for row in rows}


def _put_logs(client_id: UUID, days: Mapping[date, Day], writes: Writes) -> None:
    rows = [{**key(client_id, day), **_row(merged), "version": 1} for day, merged in days.items()]
    writes.upsert(
        "daily_logs", rows, key=("organisation_id", "client_id", "date"), counter="version"
    )


def _drop_logs(client_id: UUID, dates: Collection[date], writes: Writes) -> None:
    if dates:
        place = {"owner": current_organisation(), "client": client_id}
        writes.add(_DROP_LOGS, {**place, "dates": list(dates)})


def _row(day: Day) -> dict[str, object]:
    """Write a merged day as columns; a field nobody spoke of is an empty column."""
    values: dict[str, Value] = {name: day.values.get(name) for name in FIELDS}
    return {
        **to_json(values),
        "source": day.source,
        "sources": {name: said.value for name, said in sorted(day.sources.items())},
        "doubtful": sorted(day.doubtful),
        "calibrating": day.calibrating,
        "state": day.state,
    }


def _stored(row: Log) -> dict[str, object]:
    return {
        **to_json({name: row[name] for name in FIELDS}),
        **{name: row[name] for name in ("source", "sources", "doubtful", "calibrating", "state")},
    }


def _differences(
    before: Mapping[date, Log], changed: Mapping[date, Day], gone: Iterable[date]
) -> list[tuple[date, str, str | None, str | None]]:
    """List (date, field, old, new) for everything that people can see change.

    A person who types what the device says, or takes it back, changes who is believed.
    """
    after = {**changed, **dict.fromkeys(gone, Day())}
    return [
        (day, name, old, new)
        for day, merged in after.items()
        for name in FIELDS
        if (old := as_text(_shown(before.get(day), name)))
        != (new := as_text(merged.values.get(name)))
        or _typed(before.get(day), name) != (merged.sources.get(name) is Source.MANUAL)
    ]


def _shown(row: Log | None, name: str) -> Value:
    return None if row is None else row[name]


def _typed(row: Log | None, name: str) -> bool:
    return row is not None and row["sources"].get(name) == Source.MANUAL


def _note_changes(
    client_id: UUID,
    changes: Iterable[tuple[date, str, str | None, str | None]],
    writes: Writes,
    *,
    source: Source,
    by: UUID | None,
) -> None:
    rows = [
        {
            **key(client_id, day),
            "id": str(new_id()),
            "field": name,
            "old": old,
            "new": new,
            "source": source.value,
            "changed_by": str(by) if by else None,
        }
        for day, name, old, new in changes
        if by is not None or old is not None  # a device's first word is no change
    ]
    writes.insert("day_changes", rows)
