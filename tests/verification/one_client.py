"""One client to whom everything happens: syncs, uploads, deletions at WHOOP, edits; and what is left.

Below the pages and the network, so that many orders of the same happenings can be tried.
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from flask import Flask

from coach.csv_import import importing, uploads
from coach.csv_import.models import Import, ImportRow
from coach.database.base import Base
from coach.database.bulk import upsert_rows
from coach.database.tenancy import acting_for
from coach.days import deriving
from coach.days.calendar import NEIGHBOURHOOD
from coach.days.editing import Edit, Stale, type_values
from coach.days.models import DailyLog, DayReading, JournalEntry, Sleep, Workout
from coach.extensions import db
from coach.whoop.mapping import describe
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RecordKind
from coach.whoop.sync.deriving import derive
from tests.cast import Somebody

LEFT = (DailyLog, Sleep, Workout, JournalEntry)
GONE_BETWEEN = (WhoopRecord, ImportRow, Import, DayReading, *LEFT)
PASSING = {"version", "created_at", "updated_at", "organisation_id", "client_id"}
RECORD_KEY = ("organisation_id", "client_id", "kind", "provider_id")

Raw = Mapping[str, object]


@dataclass(frozen=True)
class _File:
    filename: str
    stream: io.BytesIO


class OneClient:
    """A client without a past, and what can happen to them."""

    def __init__(self, app: Flask, who: Somebody) -> None:
        assert who.client_id
        self.app, self.who, self.client_id = app, who, who.client_id
        with app.app_context(), acting_for(who.organisation_id):
            for table in GONE_BETWEEN:
                db.session.execute(db.delete(table).where(table.client_id == self.client_id))
            db.session.commit()

    def sync(self, records: Mapping[RecordKind, Sequence[Raw]], since: datetime) -> None:
        """Store records that begin after `since`, as a sync does, and let the days follow."""
        with self.app.app_context(), acting_for(self.who.organisation_id):
            rows = [self._row(kind, raw) for kind, raws in records.items() for raw in raws]
            upsert_rows(db.session(), "whoop_records", rows, key=RECORD_KEY)
            derive(self.client_id, since=since - NEIGHBOURHOOD)
            db.session.commit()

    def delete(self, provider_id: str, since: datetime) -> None:
        """Bury a record that the member has deleted at WHOOP."""
        with self.app.app_context(), acting_for(self.who.organisation_id):
            mine = WhoopRecord.client_id == self.client_id
            its = db.update(WhoopRecord).where(mine, WhoopRecord.provider_id == provider_id)
            db.session.execute(its.values(deleted_at=since))
            derive(self.client_id, since=since - NEIGHBOURHOOD)
            db.session.commit()

    def upload(self, files: Mapping[str, str]) -> UUID:
        """Upload an export and apply it; gives the import."""
        with self.app.app_context(), acting_for(self.who.organisation_id):
            content = io.BytesIO(archive(files))
            kept = uploads.keep([_File("export.zip", content)], client_id=self.client_id, by=None)
            import_id = kept.upload.id
            db.session.commit()
            importing.run(import_id)
            importing.apply(import_id)
            return import_id

    def undo(self, import_id: UUID) -> None:
        with self.app.app_context(), acting_for(self.who.organisation_id):
            importing.undo(import_id)

    def enter(self, day: date, edits: Mapping[str, Edit]) -> None:
        """Type values as a person does: on top of what the day shows by then."""
        with self.app.app_context(), acting_for(self.who.organisation_id):
            version = 0
            while True:
                try:
                    type_values(self.client_id, day, edits, by=self.who.user_id, version=version)
                except Stale as stale:
                    version = stale.newest
                else:
                    break
            db.session.commit()

    def rebuild(self) -> int:
        with self.app.app_context(), acting_for(self.who.organisation_id):
            changed = deriving.rebuild(self.client_id)
            db.session.commit()
            return changed

    def left(self) -> dict[str, list[dict[str, object]]]:
        """Give all rows that people can see, but for what tells how they came to be."""
        with self.app.app_context(), acting_for(self.who.organisation_id):
            return {table.__tablename__: self._left(table) for table in LEFT}

    def logs(self) -> dict[date, DailyLog]:
        with self.app.app_context(), acting_for(self.who.organisation_id):
            mine = db.select(DailyLog).where(DailyLog.client_id == self.client_id)
            return {log.date: log for log in db.session.scalars(mine)}

    def _left(self, table: type[Base]) -> list[dict[str, object]]:
        columns = [column for column in table.__table__.columns if column.name not in PASSING]
        mine = table.__table__.columns["client_id"] == self.client_id
        found = db.session.execute(db.select(*columns).where(mine))
        return sorted((dict(row._mapping) for row in found), key=_key)  # noqa: SLF001  its API

    def _row(self, kind: RecordKind, raw: Raw) -> dict[str, object]:
        facts, _ = describe(kind, raw, fetched_on=datetime.now(UTC).date())
        assert facts
        return {
            "organisation_id": str(self.who.organisation_id),
            "client_id": str(self.client_id),
            "kind": kind.value,
            "provider_id": facts.provider_id,
            "raw": dict(raw),
            "starts_at": facts.starts_at and facts.starts_at.isoformat(),
            "ends_at": facts.ends_at and facts.ends_at.isoformat(),
            "deleted_at": None,
        }


def archive(files: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def rows_since(text: str, first: str) -> str:
    """Leave out the rows of a file whose cycle began before a date on the wall."""
    head, *rows = csv.reader(io.StringIO(text))
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(row for row in rows if row[0] >= first)
    return made.getvalue()


def _key(row: Mapping[str, object]) -> str:
    return str(row.get("key") or row["date"])
