"""What applying an import would do to a client's days: worked out once, and kept to be looked at."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select

from coach.csv_import import standing, storing
from coach.csv_import.models import Import, ImportDay, ImportState
from coach.database.bulk import Row, insert_rows
from coach.database.tenancy import current_organisation
from coach.days import store
from coach.days.codec import to_json
from coach.days.differences import Difference, differences
from coach.days.metrics import Source, Value
from coach.days.models import DayReading
from coach.extensions import db
from coach.work.leases import unit_of_work


def compare(import_id: UUID) -> None:
    """Work out the preview of an import that was read, and keep it in place of an older one."""
    with unit_of_work():
        upload = _import(import_id)
        if upload.state != ImportState.PREVIEW:
            return
        seen = _days_by_now(upload.client_id)  # first: what changes meanwhile makes this stale
        days = preview(import_id)
        store.lock(upload.client_id)
        if _import(import_id).state != ImportState.PREVIEW:  # applied or discarded meanwhile
            return
        forget(import_id)
        insert_rows(db.session(), ImportDay.__tablename__, [_row(import_id, day) for day in days])
        storing.change(import_id, compared_at=func.now(), compared_with=seen)


def preview(import_id: UUID) -> list[Difference]:
    """Say what applying an import would do, by date, without doing or keeping it."""
    client_id = _import(import_id).client_id
    told, cycles = standing.tell_with(client_id, import_id)
    return differences(client_id, Source.EXPORT, told, cycles=cycles)


def is_stale(upload: Import) -> bool:
    """Tell whether days or imports have changed since the preview was worked out."""
    return upload.compared_with != _days_by_now(upload.client_id)


def forget(import_id: UUID) -> None:
    """Forget what was worked out, in the running transaction."""
    db.session.execute(
        delete(ImportDay).where(
            ImportDay.organisation_id == current_organisation(), ImportDay.import_id == import_id
        )
    )


def _import(import_id: UUID) -> Import:
    return db.session.get_one(Import, (current_organisation(), import_id), populate_existing=True)


def _days_by_now(client_id: UUID) -> str:
    """Name all that a preview follows from: another name, and it may be another preview.

    A reading that is written gets another time, so the sum of the times is another.
    """
    touched = func.extract("epoch", DayReading.updated_at)
    said = select(func.count(), func.sum(touched)).where(
        DayReading.organisation_id == current_organisation(), DayReading.client_id == client_id
    )
    count, times = db.session.execute(said).one()
    named = f"{count} {times} {standing.imports_of(client_id)}"
    return sha256(named.encode()).hexdigest()[:32]


def _row(import_id: UUID, day: Difference) -> Row:
    return {
        "organisation_id": str(current_organisation()),
        "import_id": str(import_id),
        "date": day.date.isoformat(),
        "fate": day.fate.value,
        "changed": _pairs(day.changed),
        "kept": _pairs(day.kept),
        "offset_minutes": day.offset_minutes,
    }


def _pairs(values: Mapping[str, tuple[Value, Value]]) -> dict[str, list[object]]:
    first = to_json({name: pair[0] for name, pair in values.items()})
    second = to_json({name: pair[1] for name, pair in values.items()})
    return {name: [first[name], second[name]] for name in values}
