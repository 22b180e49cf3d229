"""Several files of one upload, kept as one: put together here, and found again here.

They lie unpacked and uncompressed in a ZIP of ours, so a ZIP among them can be read where it lies.
Only an archive with our mark is opened so, and only once: whatever else lies in it is a stranger's.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZipFile, ZipInfo

from coach.csv_import import zips

_MARK = b"coach: several files of one upload"
_STEP = 65_536


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an upload: its name, only to be shown, and where its bytes lie."""

    name: str
    path: Path
    start: int = 0
    size: int | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Read its bytes, from anywhere in it."""
        with self.path.open("rb") as file:
            if self.size is None:
                yield file
            else:
                yield io.BufferedReader(_Window(file, self.start, self.size))


def put_together(files: Iterable[tuple[str, IO[bytes]]], target: IO[bytes]) -> int:
    """Write named files as one, the same files always the same; returns the bytes that came."""
    with ZipFile(target, "w") as archive:
        archive.comment = _MARK
        return sum(_add(archive, number, *file) for number, file in enumerate(files))


def parts_of(path: Path, filename: str) -> list[Part]:
    """Give the files of an upload; raises UploadRefused when their archive is not as we made it."""
    with path.open("rb") as file:
        file.seek(-min(len(_MARK), path.stat().st_size), io.SEEK_END)
        if file.read() != _MARK:
            return [Part(zips.base_name(filename), path)]
        return [
            Part(zips.base_name(name), path, start, size)
            for name, start, size in zips.stored_whole(file)
        ]


def _add(archive: ZipFile, number: int, name: str, source: IO[bytes]) -> int:
    size = 0
    with archive.open(ZipInfo(f"{number}/{name}"), "w") as entry:
        while chunk := source.read(_STEP):
            entry.write(chunk)
            size += len(chunk)
    return size


class _Window(io.RawIOBase):
    """A stretch of a file as a file of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        wanted = min(len(buffer), max(0, self._size - self._at))
        chunk = self._file.read(wanted)
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)
