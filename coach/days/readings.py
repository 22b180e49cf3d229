"""What each source says of each day, as stored; a source replaces only its own row."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from coach.database.bulk import upsert_rows
from coach.database.tenancy import current_organisation
from coach.days.codec import from_json, to_json
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.days.models import DayReading
from coach.extensions import db


def of_day(client_id: UUID, day: date) -> dict[Source, Reading]:
    """Say what each source has to say of one day."""
    return {reading.source: reading for reading in of_dates(client_id, [day]).get(day, [])}


def of_dates(client_id: UUID, dates: Collection[date]) -> dict[date, list[Reading]]:
    """Say what all sources have to say of some days."""
    found: dict[date, list[Reading]] = {}
    for row in _select(client_id, DayReading.date.in_(dates)):
        found.setdefault(row.date, []).append(_reading(row))
    return found


def between(
    client_id: UUID, sources: Collection[Source], *, first: date, last: date
) -> dict[tuple[Source, date], Reading]:
    """Say what some sources have to say of the dates from first to last."""
    rows = _select(client_id, DayReading.source.in_(sources), DayReading.date.between(first, last))
    return {(Source(row.source), row.date): _reading(row) for row in rows}


def all_of(client_id: UUID) -> dict[date, dict[Source, Reading]]:
    """Say what each source has to say of every day."""
    found: dict[date, dict[Source, Reading]] = {}
    for row in _select(client_id):
        found.setdefault(row.date, {})[Source(row.source)] = _reading(row)
    return found


def dates_of(client_id: UUID) -> list[date]:
    """List the dates of which any source has a say."""
    mine = select(DayReading.date).where(*_of(client_id)).distinct()
    return list(db.session.scalars(mine))


def put(client_id: UUID, readings: Mapping[date, Reading]) -> None:
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
        for day, reading in readings.items()
    ]
    upsert_rows(
        db.session(), "day_readings", rows, key=("organisation_id", "client_id", "date", "source")
    )


def drop(client_id: UUID, source: Source, dates: Collection[date]) -> None:
    """Forget what a source said of some days."""
    if dates:
        mine = (DayReading.source == source, DayReading.date.in_(dates))
        db.session.execute(delete(DayReading).where(*_of(client_id), *mine))


def key(client_id: UUID, day: date) -> dict[str, object]:
    """Name a day in the words of a bulk statement."""
    return {
        "organisation_id": str(current_organisation()),
        "client_id": str(client_id),
        "date": day.isoformat(),
    }


def _select(client_id: UUID, *which: ColumnElement[bool]) -> list[DayReading]:
    # Bulk statements pass the session by.
    chosen = select(DayReading).where(*_of(client_id), *which)
    return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


def _of(client_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        DayReading.organisation_id == current_organisation(),
        DayReading.client_id == client_id,
    )


def _reading(row: DayReading) -> Reading:
    return Reading(
        source=Source(row.source),
        values=from_json(row.values),
        doubtful=frozenset(row.doubtful),
        provisional=row.provisional,
        calibrating=row.calibrating,
    )
