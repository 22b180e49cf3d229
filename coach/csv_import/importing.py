"""Runs one import from file to days in two steps, read and apply; and undo.

Rows are stored in batches under their natural keys, so a worker that is killed starts the file
again and changes nothing it had stored. Of an import that was read but not applied, or that was
undone, the days know nothing; they follow from the rows of all imports that stand. One that was
refused or applied has a moment at which it was finished.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from coach.accounts import audit
from coach.csv_import import comparing, room, storing
from coach.csv_import.archive import NamedText, read_upload
from coach.csv_import.errors import UploadRefused
from coach.csv_import.models import OPEN, UNREAD, Import, ImportState
from coach.csv_import.problems import Problem, Reason, Spoils
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.storing import RowStore
from coach.database.tenancy import current_organisation
from coach.days import deriving, store
from coach.days.metrics import Source
from coach.extensions import db, settings
from coach.work.leases import unit_of_work

BATCH = 2000
MOST_PROBLEMS_KEPT = 200
NOT_A_FILE = (ImportState.REFUSED, ImportState.UNDONE)

Report = tuple[dict[str, object], list[dict[str, object]]]


def upload_path(import_id: UUID) -> Path:
    """Say where an upload lies; its name is ours, never the one it came with."""
    return settings().coach_home.absolute() / "uploads" / f"{import_id}.upload"


def run(import_id: UUID, *, watch: Callable[[int], None] = lambda _rows: None) -> None:
    """Read and store one upload, to be previewed; a file we cannot take is refused.

    `watch` is told after each batch how many rows it had. What was read before stays as it is.
    """
    with unit_of_work():
        upload = _import(import_id)
        if upload.state not in UNREAD:
            return
        storing.begin_again(upload)
        storing.change(import_id, state=ImportState.READING, rows_done=0)
        rows = RowStore(import_id, upload.client_id, watch)
        file_name = upload.file_name
    try:
        _read(import_id, file_name, rows)
    except UploadRefused as refused:
        why = refused.refusal.value
        _change(import_id, state=ImportState.REFUSED, refusal=why, finished_at=func.now())


def _read(import_id: UUID, file_name: str, rows: RowStore) -> None:
    files = read_upload(upload_path(import_id), file_name)
    _change(import_id, counts=_expected(files))
    counts, problems = _store_files(files, rows)
    _change(
        import_id,
        state=ImportState.PREVIEW,
        counts=counts,
        refused=problems,
        reaches_to=rows.reaches_to,
        first_at=rows.first_at,
        last_at=rows.last_at,
        seconds_lost=rows.seconds_lost,
    )


def rows_of(import_id: UUID) -> int:
    """Say about how many rows an upload has, for a progress bar; 0 of a file we cannot take."""
    try:
        files = read_upload(upload_path(import_id), _import(import_id).file_name)
    except UploadRefused:
        return 0
    return sum(file.rows for file in files)


def apply(import_id: UUID) -> int:
    """Let the days follow an import that was read; returns how many changed."""
    with unit_of_work():
        upload = _locked(import_id)
        if upload.state != ImportState.PREVIEW:
            return 0
        storing.change(import_id, state=ImportState.DONE, finished_at=func.now())
        comparing.forget(import_id)
        return _derive(upload)


def undo(import_id: UUID) -> int:
    """Take an import back; returns how many days changed.

    What people typed, what WHOOP said and what other imports hold stays.
    """
    with unit_of_work():
        upload = _locked(import_id)
        if upload.state != ImportState.DONE:
            return 0
        storing.change(import_id, state=ImportState.UNDONE, undone_at=func.now())
        return _derive(upload)


def discard(import_id: UUID, *, by: UUID | None) -> bool:
    """Forget what was read and not applied, rows and file, in the running transaction.

    Nobody may be reading it. Returns whether there was something to discard.
    """
    upload = _locked(import_id)
    if upload.state not in OPEN:
        return False
    storing.begin_again(upload)
    comparing.forget(import_id)
    storing.change(import_id, state=ImportState.UNDONE, undone_at=func.now())
    audit.record("import_discarded", by=by, subject=import_id)
    upload_path(import_id).unlink(missing_ok=True)
    return True


def same_file(client_id: UUID, sha256: str) -> Import | None:
    """Find the import of this very file, unless it came to nothing; waits for one under way."""
    store.lock(client_id)
    return db.session.scalar(
        select(Import).where(
            Import.organisation_id == current_organisation(),
            Import.client_id == client_id,
            Import.sha256 == sha256,
            Import.state.not_in(NOT_A_FILE),
        )
    )


def forget_old_uploads() -> int:
    """Delete uploaded files past their time; their rows stay."""
    folder = settings().coach_home.absolute() / "uploads"
    now = db.session.execute(select(func.now())).scalar_one().timestamp()
    old = [
        path
        for path in folder.glob("*.upload")
        if now - path.stat().st_mtime > room.kept_for().total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _import(import_id: UUID) -> Import:
    return db.session.get_one(Import, (current_organisation(), import_id), populate_existing=True)


def _locked(import_id: UUID) -> Import:
    """Find an import under the lock of its client's days: one step at a time."""
    store.lock(_import(import_id).client_id)
    return _import(import_id)


def _derive(upload: Import) -> int:
    changed = deriving.derive(upload.client_id, cause=Source.EXPORT)
    storing.change(upload.id, days_changed=changed)
    return changed


def _store_files(files: Iterable[NamedText], rows: RowStore) -> Report:
    """Store every row; returns counts by file and the first problems, without any values."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    told: dict[str, dict[str, object]] = {}
    problems: list[dict[str, object]] = []
    for file in files:
        counter = counts[file.name]  # two of the same name are told as one
        told[file.name] = _recognised(file)
        with file.open() as text:
            lines = read_rows(file.name, text)
            while batch := list(islice(lines, BATCH)):
                bad = [line for line in batch if isinstance(line, Problem)]
                counter.update(_SPOILT[each.spoils] for each in bad)
                rows.seconds_lost |= any(it.reason is Reason.SECONDS_LOST for it in bad)
                problems += [_told(each) for each in bad[: MOST_PROBLEMS_KEPT - len(problems)]]
                counter.update(rows.add([line for line in batch if isinstance(line, Accepted)]))
    return {name: dict(counter) | told[name] for name, counter in counts.items()}, problems


def _expected(files: Iterable[NamedText]) -> dict[str, object]:
    """Say of each file what it is and about how many rows are to come, while it is being read."""
    return {file.name: _recognised(file) | {"expected": file.rows} for file in files}


def _recognised(file: NamedText) -> dict[str, object]:
    """Say what the file is; no language when its shape told it, no generation when edited."""
    header = file.header
    if header is None:
        return {}
    return {"kind": header.kind, "language": header.language, "generation": header.generation}


_SPOILT = {
    Spoils.NOTHING: "remarks",
    Spoils.CELL: "cells",
    Spoils.ROW: "refused",
    Spoils.FILE: "refused",
}


def _change(import_id: UUID, **values: object) -> None:
    with unit_of_work():
        storing.change(import_id, **values)


def _told(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "value_class": problem.value_class,
        "reason": problem.reason,
    }
