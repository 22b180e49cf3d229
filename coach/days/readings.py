"""What each source says of each day, as stored; a source replaces only its own row."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from coach.accounts.models import Client
from coach.database.tenancy import current_organisation
from coach.database.writes import Writes
from coach.days.codec import from_json, to_json
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.days.models import DayReading
from coach.extensions import db

Stored: TypeAlias = tuple[date, str, dict[str, object], list[str], bool, bool]
# Every sync asks these, so they are built once.
_ALL = select(
    DayReading.date,
    DayReading.source,
    DayReading.values,
    DayReading.doubtful,
    DayReading.provisional,
    DayReading.calibrating,
).where(
    DayReading.organisation_id == bindparam("owner"), DayReading.client_id == bindparam("client")
)
_OF_DATES = _ALL.where(DayReading.date == func.any(bindparam("dates", type_=ARRAY(Date))))
_BETWEEN = _ALL.where(DayReading.date.between(bindparam("first"), bindparam("last")))
# Up to which date exports tell of the client of the query around; NULL without any.
EXPORTED_TO = (
    select(DayReading.date)
    .where(
        DayReading.organisation_id == Client.organisation_id,
        DayReading.client_id == Client.id,
        DayReading.source == Source.EXPORT,
    )
    .order_by(DayReading.date.desc())
    .limit(1)
    .correlate(Client)
    .scalar_subquery()
)
_DROP = (
    "DELETE FROM day_readings WHERE organisation_id = :owner AND client_id = :client"
    " AND (source, date) IN (SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:dates AS date[])))"
)


def of_day(client_id: UUID, day: date) -> dict[Source, Reading]:
    """Say what each source has to say of one day."""
    return {reading.source: reading for reading in of_dates(client_id, [day]).get(day, [])}


def of_dates(client_id: UUID, dates: Collection[date]) -> dict[date, list[Reading]]:
    """Say what all sources have to say of some days."""
    found: dict[date, list[Reading]] = {}
    for row in _select(_OF_DATES, client_id, dates=list(dates)):
        found.setdefault(row.date, []).append(_reading(row))
    return found


def between(client_id: UUID, *, first: date, last: date) -> dict[tuple[Source, date], Reading]:
    """Say what all sources have to say of the dates from first to last."""
    rows = _select(_BETWEEN, client_id, first=first, last=last)
    return {(Source(row.source), row.date): _reading(row) for row in rows}


def all_of(client_id: UUID) -> dict[date, dict[Source, Reading]]:
    """Say what each source has to say of every day."""
    found: dict[date, dict[Source, Reading]] = {}
    for row in _select(_ALL, client_id):
        found.setdefault(row.date, {})[Source(row.source)] = _reading(row)
    return found


def dates_of(client_id: UUID) -> list[date]:
    """List the dates of which any source has a say."""
    mine = select(DayReading.date).where(*_of(client_id)).distinct()
    return list(db.session.scalars(mine))


def exported_to(client_ids: Collection[UUID]) -> dict[UUID, date]:
    """Say up to which date the exports of some clients tell of days; absent without any."""
    rows = db.session.execute(
        select(DayReading.client_id, func.max(DayReading.date))
        .where(
            DayReading.organisation_id == current_organisation(),
            DayReading.client_id.in_(client_ids),
            DayReading.source == Source.EXPORT,
        )
        .group_by(DayReading.client_id)
    )
    found: dict[UUID, date] = dict(rows.all())
    return found


def put(client_id: UUID, said: Iterable[tuple[date, Reading]], writes: Writes) -> None:
    """Store what is said of some days in place of what the same source said before."""
    rows = [
        {
            **key(client_id, day),
            "source": reading.source.value,
            "values": to_json(reading.values),
            "doubtful": sorted(reading.doubtful),
            "provisional": reading.provisional,
            "calibrating": reading.calibrating,
        }
        for day, reading in said
    ]
    writes.upsert("day_readings", rows, key=("organisation_id", "client_id", "date", "source"))


def drop(client_id: UUID, said: Collection[tuple[Source, date]], writes: Writes) -> None:
    """Forget what sources said of some days."""
    if said:
        sources, dates = zip(*said, strict=True)
        place = {"owner": current_organisation(), "client": client_id}
        writes.add(_DROP, {**place, "sources": list(sources), "dates": list(dates)})


def key(client_id: UUID, day: date) -> dict[str, object]:
    """Name a day in the words of a bulk statement."""
    return {
        "organisation_id": str(current_organisation()),
        "client_id": str(client_id),
        "date": day.isoformat(),
    }


def _select(chosen: Select[*Stored], client_id: UUID, **which: object) -> Sequence[Row[*Stored]]:
    place = {"owner": current_organisation(), "client": client_id}
    return db.session.connection().execute(chosen, {**place, **which}).all()


def _of(client_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        DayReading.organisation_id == current_organisation(),
        DayReading.client_id == client_id,
    )


def _reading(row: Row[*Stored]) -> Reading:
    return Reading(
        source=Source(row.source),
        values=from_json(row.values),
        doubtful=frozenset(row.doubtful),
        provisional=row.provisional,
        calibrating=row.calibrating,
    )
