"""Carry what one client exports to another client, below the pages."""

import io
from datetime import date
from zipfile import ZipFile

from coach.csv_import import importing, uploads
from coach.csv_import.models import Import
from coach.database.tenancy import acting_for
from coach.days.models import DayReading, JournalEntry, Sleep, Workout
from coach.exporting.archive import everything
from coach.exporting.reader import Reader
from coach.extensions import db
from tests.verification.one_client import OneClient
from tests.whoop.conftest import NOW

SINGLE = (Sleep, Workout, JournalEntry)
PASSING = {"organisation_id", "client_id", "created_at", "updated_at"}

Rows = list[dict[str, object]]


class _File:
    def __init__(self, content: bytes) -> None:
        self.filename, self.stream = "export.zip", io.BytesIO(content)


def reader_of(client: OneClient) -> Reader:
    return Reader(client.app, client.who.organisation_id, client.client_id)


def exported(client: OneClient) -> bytes:
    return b"".join(everything(reader_of(client), "Read me.", made_at=NOW))


def unpacked(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def take_in(client: OneClient, content: bytes) -> Import:
    """Upload a file, read it and apply it; gives the import."""
    with client.app.app_context(), acting_for(client.who.organisation_id):
        kept = uploads.keep([_File(content)], client_id=client.client_id, by=None).upload.id
        db.session.commit()
        importing.run(kept)
        importing.apply(kept)
        return db.session.get_one(Import, (client.who.organisation_id, kept))


def readings(client: OneClient, source: str) -> dict[date, tuple[object, ...]]:
    """Give what a source says of each day."""
    with client.app.app_context(), acting_for(client.who.organisation_id):
        mine = db.select(DayReading).where(
            DayReading.client_id == client.client_id, DayReading.source == source
        )
        return {
            it.date: (it.values, it.doubtful, it.provisional, it.calibrating)
            for it in db.session.scalars(mine)
        }


def singles(client: OneClient) -> dict[str, Rows]:
    """Give every sleep, workout and answer as it is stored."""
    with client.app.app_context(), acting_for(client.who.organisation_id):
        return {table.__tablename__: _rows(client, table) for table in SINGLE}


def _rows(client: OneClient, table: type[Sleep | Workout | JournalEntry]) -> Rows:
    columns = [column for column in table.__table__.columns if column.name not in PASSING]
    chosen = db.select(*columns).where(table.client_id == client.client_id)
    found = db.session.execute(chosen.order_by(table.key)).mappings()
    return [dict(row) for row in found]
