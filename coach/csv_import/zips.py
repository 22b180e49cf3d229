"""Looks a stranger's ZIP over before anything in it is read.

Python 3.11.7 opens archives whose entries overlap (CVE-2024-0450), so the interpreter's own checks
do not count here: whatever passes has few, small, separate, plain entries and nothing besides.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import SEEK_END
from itertools import pairwise
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from coach.csv_import.errors import ExportAgain, Refusal, SendItUntouched

MAX_ENTRIES = 50
MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
SMALL = 1_000_000  # below this a high ratio does no harm
MAX_DIRECTORY = 1_000_000
_TAIL = 262_144

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s22x2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_NESTED = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")
_DAMAGE = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def opened(file: BinaryIO) -> Iterator[ZipFile]:
    """Open an archive; whatever proves damaged while it is open refuses the upload."""
    try:
        with ZipFile(file) as archive:
            yield archive
    except _DAMAGE as damage:
        raise ExportAgain(Refusal.BROKEN_ARCHIVE) from damage


def look_over(file: BinaryIO) -> list[ZipInfo]:
    """Give the CSVs of an archive by its central directory, or refuse it."""
    entries = _separate_entries(file)
    for entry, _, _ in entries:
        _check_entry(entry)
    return [entry for entry, _, _ in entries if _is_csv(entry.filename)]


def stored_whole(file: BinaryIO) -> list[tuple[str, int, int]]:
    """Give name, beginning and size of the files that lie uncompressed in an archive."""
    entries = _separate_entries(file)
    for entry, start, end in entries:
        if entry.compress_type != ZIP_STORED or end - start != entry.file_size:
            raise SendItUntouched(Refusal.UNSAFE_ARCHIVE)
    return [(entry.filename, start, end - start) for entry, start, end in entries]


def directory_tail(file: BinaryIO) -> bytes:
    """Give the end of an archive, where the names of its last entries stand, whatever it is."""
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - _TAIL))
    return file.read(_TAIL)


def base_name(name: str) -> str:
    """Reduce a stranger's name to something to show; it is never a path to write to."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:100]


def _separate_entries(file: BinaryIO) -> list[tuple[ZipInfo, int, int]]:
    """Give the entries and between which bytes the data of each lies; refuse what overlaps."""
    directory_at = _check_end(file)
    with opened(file) as archive:
        entries = archive.infolist()
    _check_entries(entries)
    placed = [(entry, *_data_range(file, entry)) for entry in entries]
    _check_ranges([(it.header_offset, end) for it, _, end in placed], directory_at)
    return placed


def _check_end(file: BinaryIO) -> int:
    """Find where the directory begins; it and its end record close the file, and say so."""
    size = file.seek(0, SEEK_END)
    tail_at = max(0, size - _END.size - 0xFFFF)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise ExportAgain(Refusal.BROKEN_ARCHIVE)
    _, disk, first_disk, here, count, length, start, comment = _END.unpack_from(tail, at)
    if count > MAX_ENTRIES:
        raise SendItUntouched(Refusal.TOO_MANY_FILES)
    whole = (disk, first_disk, here) == (0, 0, count)
    adjoining = start + length == tail_at + at and at + _END.size + comment == len(tail)
    if not whole or not adjoining or length > MAX_DIRECTORY:
        raise SendItUntouched(Refusal.UNSAFE_ARCHIVE)
    return int(start)


def _check_entries(entries: Sequence[ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise SendItUntouched(Refusal.TOO_MANY_FILES)
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise SendItUntouched(Refusal.UNSAFE_ARCHIVE)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise SendItUntouched(Refusal.TOO_LARGE)


def _check_entry(entry: ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise SendItUntouched(Refusal.ENCRYPTED)
    if entry.filename.casefold().endswith(_NESTED):
        raise SendItUntouched(Refusal.NESTED_ARCHIVE)
    if entry.file_size > max(SMALL, MAX_RATIO * entry.compress_size):
        raise SendItUntouched(Refusal.TOO_LARGE)
    plain = entry.compress_type in {ZIP_STORED, ZIP_DEFLATED}
    if not plain or stat.S_ISLNK(entry.external_attr >> 16):
        raise SendItUntouched(Refusal.UNSAFE_ARCHIVE)


def _data_range(file: BinaryIO, entry: ZipInfo) -> tuple[int, int]:
    """Tell which bytes the data of an entry takes, from its local header and declared size."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise ExportAgain(Refusal.BROKEN_ARCHIVE)
    _, name, extra = _LOCAL.unpack(header)
    start = entry.header_offset + _LOCAL.size + name + extra
    return start, start + entry.compress_size


def _check_ranges(ranges: Sequence[tuple[int, int]], directory_at: int) -> None:
    ordered = [*sorted(ranges), (directory_at, directory_at)]
    if any(end > start for (_, end), (start, _) in pairwise(ordered)):
        raise SendItUntouched(Refusal.UNSAFE_ARCHIVE)


def _is_csv(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    hidden = parts[-1].startswith(".") or "__MACOSX" in parts
    return parts[-1].casefold().endswith(".csv") and not hidden
