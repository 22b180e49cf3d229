"""The one file of a backup: what it is, the dump, the uploads."""

import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from coach.cli import Refused

FORMAT = 1
ABOUT, DUMP, FILES = "backup.json", "database.dump", "files"
# Under COACH_HOME; never `secrets`, which holds the keys of an embedded installation.
FOLDERS = ("uploads", "legal")
MOST_ABOUT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself; `keys` are ids of what sealed the secrets in it."""

    made_at: datetime
    revision: str
    server: int
    keys: tuple[str, ...]
    rows: Mapping[str, int]

    def as_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, default=str, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read it; raises Refused for what is no backup of ours."""
        try:
            said = json.loads(text)
            if said["format"] != FORMAT:
                raise Refused("This backup has a form that this version does not know.")
            return cls(
                datetime.fromisoformat(said["made_at"]),
                str(said["revision"]),
                int(said["server"]),
                tuple(said["keys"]),
                dict(said["rows"]),
            )
        except (ValueError, KeyError, TypeError):
            raise Refused("This file is no backup of Coach.") from None


def pack(file: Path, about: About, dump: Path, home: Path) -> None:
    """Write the file, readable by us alone; it appears whole or not at all."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            _add_text(tar, ABOUT, about.as_json())
            tar.add(dump, arcname=DUMP)
            for name in FOLDERS:
                if (home / name).is_dir():
                    tar.add(home / name, arcname=f"{FILES}/{name}")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


@contextmanager
def opened(file: Path) -> Iterator[tuple[tarfile.TarFile, About]]:
    """Open a backup and read what it is; raises Refused for anything else."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar, About.from_json(_stream(tar, ABOUT).read(MOST_ABOUT_BYTES))
    except tarfile.TarError:
        raise Refused("This file is no backup of Coach, or only a part of one.") from None


def unpack_dump(tar: tarfile.TarFile, target: Path) -> None:
    """Write the dump into a file that only we can read."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        shutil.copyfileobj(_stream(tar, DUMP), stream)


def unpack_files(tar: tarfile.TarFile, home: Path) -> int:
    """Put the folders in the place of those that are there; how many files."""
    draft, count = home / ".restoring", 0
    shutil.rmtree(draft, ignore_errors=True)
    for member in tar:
        if member.name.startswith(f"{FILES}/"):
            tar.extract(member, draft, filter="data")
            count += member.isfile()
    for name in FOLDERS:
        shutil.rmtree(home / name, ignore_errors=True)
        if (draft / FILES / name).exists():
            (draft / FILES / name).rename(home / name)
    shutil.rmtree(draft, ignore_errors=True)
    return count


def _add_text(tar: tarfile.TarFile, name: str, text: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text), 0o600
    tar.addfile(entry, io.BytesIO(text))


def _stream(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise Refused(f"This file is no backup of Coach: {name} is missing.")
    return found
