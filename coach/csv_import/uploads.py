"""Take an upload: keep the file under a name of ours, and ask for the work of reading it."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID

from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.csv_import.importing import upload_path
from coach.csv_import.jobs import IMPORT
from coach.csv_import.models import Import, ImportState
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import ask, open_work

CHUNK = 64 * 1024
NAME_LENGTH = 120
MOST_FILES = 10


class Uploaded(Protocol):
    """A file as the browser sends it."""

    @property
    def filename(self) -> str | None: ...

    @property
    def stream(self) -> IO[bytes]: ...


class NothingChosen(Exception):
    """No file, or only empty ones, came with the form."""


class TooManyFiles(Exception):
    """More files came at once than any export has."""


def take(files: Sequence[Uploaded], *, by: Viewer) -> Import:
    """Store what a client uploaded and ask for its import; raises as `keep` does."""
    upload = keep(files, client_id=by.own_client().id, by=by.user_id)
    ask(IMPORT, organisation_id=by.organisation_id, subject_id=upload.id)
    return upload


def keep(files: Sequence[Uploaded], *, client_id: UUID, by: UUID | None) -> Import:
    """Store files for a client of the organisation we act for.

    Raises NothingChosen and TooManyFiles; then nothing is kept.
    """
    named = [file for file in files if file.filename]
    if len(named) > MOST_FILES:
        raise TooManyFiles
    import_id = new_id()
    path = upload_path(import_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = _keep(named, path)
    if size == 0:
        path.unlink(missing_ok=True)
        raise NothingChosen
    upload = Import(
        id=import_id,
        organisation_id=current_organisation(),
        client_id=client_id,
        uploaded_by=by,
        file_name=", ".join(_shown(file.filename) for file in named)[:NAME_LENGTH],
        size=size,
        sha256=_sha256(path),
        state=ImportState.WAITING,
    )
    db.session.add(upload)
    db.session.flush()
    audit.record("export_uploaded", by=by, subject=import_id)
    return upload


def history(*, by: Viewer) -> list[Import]:
    """List the uploads of this client, newest first."""
    client_id = by.own_client().id
    return list(
        db.session.scalars(
            select(Import)
            .where(Import.organisation_id == by.organisation_id, Import.client_id == client_id)
            .order_by(Import.id.desc())
            .limit(50)
        )
    )


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


def given_up(upload: Import) -> bool:
    """Tell whether an upload is unread and nobody is going to read it any more."""
    unread = upload.state in {ImportState.WAITING, ImportState.READING}
    return unread and open_work(IMPORT, upload.id) is None


def _keep(files: Sequence[Uploaded], path: Path) -> int:
    """Write one file as it is, several as one archive; returns the bytes that came."""
    if not files:
        return 0
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        if len(files) == 1:
            return _copy(files[0].stream, target)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            return sum(_add(archive, number, file) for number, file in enumerate(files))


def _add(archive: zipfile.ZipFile, number: int, file: Uploaded) -> int:
    with archive.open(f"{number}/{_shown(file.filename)}", "w") as entry:
        return _copy(file.stream, entry)


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
