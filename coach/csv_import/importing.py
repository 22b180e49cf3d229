"""Runs one import from file to recorded days.

Rows are stored in batches under their natural keys, so a worker that is killed starts the file
again and changes nothing it had stored. Days derive at the end, from the newest row of each key
among all imports that were not undone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from coach.csv_import import mapping
from coach.csv_import.archive import NamedText, read_upload
from coach.csv_import.errors import UploadRefused
from coach.csv_import.headers import Kind
from coach.csv_import.models import Import, ImportRow, ImportState
from coach.csv_import.problems import Problem, Spoils
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import CycleRow, SleepRow, WorkoutRow, from_parsed, parsed
from coach.database.bulk import Row, upsert_rows
from coach.database.tenancy import current_organisation
from coach.days import store
from coach.days.metrics import Source
from coach.extensions import db, settings
from coach.work.leases import unit_of_work

BATCH = 500
MOST_PROBLEMS_KEPT = 200
ROW_KEY = ("organisation_id", "client_id", "kind", "key", "import_id")


def upload_path(import_id: UUID) -> Path:
    """Say where an upload lies; its name is ours, never the one it came with."""
    return settings().coach_home.absolute() / "uploads" / f"{import_id}.upload"


def run(import_id: UUID, *, watch: Callable[[int], None] = lambda _rows: None) -> None:
    """Read, store and record one upload; a file we cannot take is refused with its reason.

    `watch` is told after each batch how many rows it had.
    """
    with unit_of_work():
        upload = _begin(import_id)
        client_id, file_name = upload.client_id, upload.file_name
    path = upload_path(import_id)
    try:
        files = read_upload(path, file_name)
        store_batch = _storing(import_id, client_id, watch)
        counts, problems = _store_files(files, store_batch)
    except UploadRefused as refused:
        with unit_of_work():
            _end(import_id, state=ImportState.REFUSED, refusal=refused.refusal.value)
        return
    with unit_of_work():
        _end(import_id, state=ImportState.DONE, counts=counts, refused=problems)
        record_days(client_id)


def record_days(client_id: UUID) -> int:
    """Derive what the exports say of a client's days, and record it; returns the changed."""
    store.lock(client_id)  # before reading: of two imports, the last to write has read both
    rows = list(_newest_rows(client_id))
    readings = mapping.readings(
        [row for row in rows if isinstance(row, CycleRow)],
        [row for row in rows if isinstance(row, SleepRow)],
        [row for row in rows if isinstance(row, WorkoutRow)],
    )
    before = store.dates_of(client_id, Source.EXPORT, since=None)
    return store.record(client_id, Source.EXPORT, readings, silent=before)


def forget_old_uploads() -> int:
    """Delete uploaded files past their time; their rows stay."""
    keep = timedelta(days=max(1, settings().upload_keep_days))  # a day to be read in
    folder = settings().coach_home.absolute() / "uploads"
    now = db.session.execute(select(func.now())).scalar_one().timestamp()
    old = [
        path
        for path in folder.glob("*.upload")
        if now - path.stat().st_mtime > keep.total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _begin(import_id: UUID) -> Import:
    upload = db.session.get_one(Import, (current_organisation(), import_id))
    upload.state = ImportState.READING
    upload.rows_done = 0
    db.session.execute(
        delete(ImportRow).where(
            ImportRow.organisation_id == current_organisation(), ImportRow.import_id == import_id
        )
    )
    db.session.flush()
    return upload


def _store_files(
    files: Iterable[NamedText], store_batch: Callable[[list[Accepted]], Counter[str]]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Store every row; returns counts by file and the first problems, without any values."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    problems: list[dict[str, object]] = []
    for file in files:
        counter = counts[file.name]  # two of the same name are told as one
        with file.open() as text:
            lines = read_rows(file.name, text)
            while batch := list(islice(lines, BATCH)):
                bad = [line for line in batch if isinstance(line, Problem)]
                good = [line for line in batch if isinstance(line, Accepted)]
                counter["refused"] += sum(each.spoils is not Spoils.CELL for each in bad)
                counter["cells"] += sum(each.spoils is Spoils.CELL for each in bad)
                problems += [_told(each) for each in bad[: MOST_PROBLEMS_KEPT - len(problems)]]
                counter.update(store_batch(good))
    return {name: dict(counter) for name, counter in counts.items()}, problems


def _storing(
    import_id: UUID, client_id: UUID, watch: Callable[[int], None]
) -> Callable[[list[Accepted]], Counter[str]]:
    def store_batch(lines: list[Accepted]) -> Counter[str]:
        said = _store_batch(lines, import_id, client_id)
        watch(len(lines))
        return said

    return store_batch


def _store_batch(lines: list[Accepted], import_id: UUID, client_id: UUID) -> Counter[str]:
    """Store one batch in one transaction; says how many rows are new, changed and unchanged."""
    rows: dict[tuple[str, str], Row] = {}  # exact duplicates are normal in the journal
    for line in lines:
        row = line.row
        rows[row.kind.value, row.key] = {
            "organisation_id": str(current_organisation()),
            "client_id": str(client_id),
            "kind": row.kind.value,
            "key": row.key,
            "import_id": str(import_id),
            "starts_at": row.starts_at.isoformat() if row.starts_at else None,
            "raw": line.raw,
            "parsed": parsed(row),
        }
    with unit_of_work():
        before = _known(client_id, import_id, [key for _, key in rows])
        upsert_rows(db.session(), ImportRow.__tablename__, list(rows.values()), key=ROW_KEY)
        _advance(import_id, len(lines))
    said = Counter(_compared(before.get(key), row["parsed"]) for key, row in rows.items())
    said["repeated"] += len(lines) - len(rows)
    return said


def _compared(before: object, now: object) -> str:
    if before is None:
        return "new"
    return "unchanged" if before == now else "changed"


def _known(
    client_id: UUID, import_id: UUID, keys: list[str]
) -> dict[tuple[str, str], dict[str, object]]:
    """Give what earlier imports say under these keys; the newest of them wins."""
    newest = _standing(client_id).where(ImportRow.key.in_(keys), ImportRow.import_id != import_id)
    return {(row.kind, row.key): row.parsed for row in db.session.execute(newest)}


def _newest_rows(client_id: UUID) -> Iterator[object]:
    for row in db.session.execute(_standing(client_id).where(ImportRow.kind != Kind.JOURNAL)):
        yield from_parsed(Kind(row.kind), row.parsed)


def _standing(client_id: UUID) -> Select[str, str, dict[str, object]]:
    """Select the newest row of each key; ids of imports sort by the time they were made.

    Only whole imports count: what a killed or waiting one has stored says nothing yet.
    """
    return (
        select(ImportRow.kind, ImportRow.key, ImportRow.parsed)
        .join(
            Import,
            (Import.organisation_id == ImportRow.organisation_id)
            & (Import.id == ImportRow.import_id),
        )
        .where(
            ImportRow.organisation_id == current_organisation(),
            ImportRow.client_id == client_id,
            Import.state == ImportState.DONE,
        )
        .ext(distinct_on(ImportRow.kind, ImportRow.key))
        .order_by(ImportRow.kind, ImportRow.key, ImportRow.import_id.desc())
    )


def _advance(import_id: UUID, rows: int) -> None:
    _change(import_id, rows_done=Import.rows_done + rows)


def _end(import_id: UUID, **values: object) -> None:
    _change(import_id, finished_at=func.now(), **values)


def _change(import_id: UUID, **values: object) -> None:
    db.session.execute(
        update(Import)
        .where(Import.organisation_id == current_organisation(), Import.id == import_id)
        .values(values)
    )


def _told(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "value_class": problem.value_class,
        "reason": problem.reason,
    }
