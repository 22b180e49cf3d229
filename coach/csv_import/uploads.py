"""Take an upload: keep the file under a name of ours, and ask for the work of reading it."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.csv_import import importing, room
from coach.csv_import.importing import same_file, upload_path
from coach.csv_import.jobs import APPLY, COMPARE, IMPORT, UNDO
from coach.csv_import.models import UNREAD, Import, ImportState
from coach.csv_import.parts import put_together
from coach.csv_import.steps import TO_APPLY, TO_DISCARD, TO_UNDO, Step, step_of, steps_of
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import Kind, ask
from coach.work.waking import wake_when_committed

CHUNK = 64 * 1024
NAME_LENGTH = 120
MOST_FILES = 10


class Uploaded(Protocol):
    """A file as the browser sends it."""

    @property
    def filename(self) -> str | None: ...

    @property
    def stream(self) -> IO[bytes]: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload, and whether this very file had been uploaded before."""

    upload: Import
    again: bool = False


class NothingChosen(Exception):
    """No file, or only empty ones, came with the form."""


class TooManyFiles(Exception):
    """More files came at once than any export has."""


def take(files: Sequence[Uploaded], *, by: Viewer) -> Kept:
    """Store what a client uploaded and ask for its import; raises as `keep` does.

    The same file again is the import it already is.
    """
    kept = keep(files, client_id=by.own_client().id, by=by.user_id)
    if kept.upload.state in UNREAD:
        _ask(IMPORT, kept.upload.id, by=by)
    return kept


def keep(files: Sequence[Uploaded], *, client_id: UUID, by: UUID | None) -> Kept:
    """Store files for a client of the organisation we act for, or find them stored before.

    Raises NothingChosen and TooManyFiles, what `room.check` raises, and OSError when the disk is
    full; then nothing is kept.
    """
    named = [file for file in files if file.filename]
    if len(named) > MOST_FILES:
        raise TooManyFiles
    import_id = new_id()
    size, sha256, same = _put(named, upload_path(import_id), client_id)
    if same:
        return Kept(same, again=True)
    upload = Import(
        id=import_id,
        organisation_id=current_organisation(),
        client_id=client_id,
        uploaded_by=by,
        file_name=", ".join(_shown(file.filename) for file in named)[:NAME_LENGTH],
        size=size,
        sha256=sha256,
        state=ImportState.WAITING,
    )
    db.session.add(upload)
    db.session.flush()
    audit.record("export_uploaded", by=by, subject=import_id)
    return Kept(upload)


def _put(named: Sequence[Uploaded], path: Path, client_id: UUID) -> tuple[int, str, Import | None]:
    """Write files to their place, or to that of the import they are; what fails leaves nothing."""
    with ExitStack() as unless_taken:
        unless_taken.callback(path.unlink, missing_ok=True)
        size = _write(named, path)
        sha256 = _sha256(path)
        if same := same_file(client_id, sha256):
            path.replace(upload_path(same.id))  # whose own may have been deleted meanwhile
        else:
            room.check(client_id, size)
        unless_taken.pop_all()
    return size, sha256, same


def apply(import_id: UUID, *, by: Viewer) -> None:
    """Ask for an upload that was read to be brought into the days of this client."""
    if step_of(find(import_id, by=by)) in (*TO_APPLY, Step.COMPARING):
        _ask(APPLY, import_id, by=by)
        audit.record("import_applied", by=by.user_id, subject=import_id)


def discard(import_id: UUID, *, by: Viewer) -> bool:
    """Forget an upload that was not applied; returns whether there was one to forget."""
    if step_of(find(import_id, by=by)) not in TO_DISCARD:
        return False
    return importing.discard(import_id, by=by.user_id)


def compare(import_id: UUID, *, by: Viewer) -> None:
    """Ask what an upload that was read would do to the days as they are now."""
    if step_of(find(import_id, by=by)) in TO_APPLY:
        _ask(COMPARE, import_id, by=by)


def undo(import_id: UUID, *, by: Viewer) -> None:
    """Ask for an import of this client to be taken back."""
    if step_of(find(import_id, by=by)) in TO_UNDO:
        _ask(UNDO, import_id, by=by)
        audit.record("import_undone", by=by.user_id, subject=import_id)


def history(*, by: Viewer) -> list[tuple[Import, Step]]:
    """List the uploads of this client and how far each is, newest first."""
    client_id = by.own_client().id
    mine = (
        select(Import)
        .where(Import.organisation_id == by.organisation_id, Import.client_id == client_id)
        .order_by(Import.id.desc())
        .limit(50)
    )
    found = db.session.scalars(mine).all()
    return list(zip(found, steps_of(found), strict=True))


def find(import_id: UUID, *, by: Viewer) -> Import:
    """Find an upload of this client; a stranger's and an absent one answer alike with 404."""
    found: Import = db.first_or_404(
        select(Import).where(
            Import.organisation_id == by.organisation_id,
            Import.client_id == by.own_client().id,
            Import.id == import_id,
        )
    )
    return found


def span(upload: Import, *, zone: str) -> tuple[datetime, datetime] | None:
    """Say when the first and the last thing begins that an import tells of, in a time zone."""
    first, last, home = upload.first_at, upload.last_at, ZoneInfo(zone)
    return (first.astimezone(home), last.astimezone(home)) if first and last else None


def _ask(kind: Kind, import_id: UUID, *, by: Viewer) -> None:
    """Ask for work that somebody is waiting for."""
    ask(kind, organisation_id=by.organisation_id, subject_id=import_id)
    wake_when_committed()


def _write(files: Sequence[Uploaded], path: Path) -> int:
    """Write one file as it is, several put together; returns the bytes that came."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    room.check_disk(path.parent)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        if len(files) == 1:
            size = _copy(files[0].stream, target)
        else:
            named = ((_shown(file.filename), file.stream) for file in files)
            size = put_together(named, target)
    if size == 0:
        raise NothingChosen
    return size


def _copy(source: IO[bytes], target: IO[bytes]) -> int:
    size = 0
    while chunk := source.read(CHUNK):
        target.write(chunk)
        size += len(chunk)
    return size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shown(name: str | None) -> str:
    """Make a stranger's file name harmless: the last part, printable, short."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:NAME_LENGTH] or "upload"
