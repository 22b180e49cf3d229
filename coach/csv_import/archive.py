"""Opens a stranger's upload safely: what it is, whether it is ours, and its CSVs as text."""

import codecs
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO
from zipfile import ZipFile

from coach.csv_import import zips
from coach.csv_import.errors import ChooseTheExport, ExportAgain, Refusal, SendItUntouched
from coach.csv_import.headers import is_gdpr, recognise
from coach.csv_import.tables import Table
from coach.csv_import.zips import MAX_UNPACKED, base_name

_STEP = 65_536
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Counted:
    """The chunks of a file, counted as they come: a declared size may lie."""

    def __init__(self, file: IO[bytes], allowance: int) -> None:
        self._file = file
        self._allowance = allowance
        self.head = file.read(_STEP)
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        chunk = self.head
        while chunk:
            self.size += len(chunk)
            if self.size > self._allowance:
                raise SendItUntouched(Refusal.TOO_LARGE)
            yield chunk
            chunk = self._file.read(_STEP)


@dataclass(frozen=True, slots=True)
class NamedText:
    """One CSV of an upload: its name, only to be shown, and how to read it."""

    name: str
    path: Path
    entry: str | None = None
    encoding: str = "utf-8-sig"

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """Read the text from its beginning, a little at a time."""
        with self._bytes() as source, TextIOWrapper(source, self.encoding, newline="") as text:
            yield text

    @contextmanager
    def _bytes(self) -> Iterator[IO[bytes]]:
        if self.entry is None:
            with self.path.open("rb") as file:
                yield file
        else:
            with ZipFile(self.path) as archive, archive.open(self.entry) as file:
                yield file


def read_upload(path: Path, filename: str) -> list[NamedText]:
    """Give the CSVs of an upload, looked through once to their end, or refuse it.

    After this nothing in it can prove too large, damaged or not text while rows are being stored.
    """
    with path.open("rb") as file:
        head = file.read(_STEP)
    texts = _unzipped(path) if head.startswith(_ZIP) else [_loose(path, filename, head)]
    _refuse_strangers(texts)
    return texts


def _unzipped(path: Path) -> list[NamedText]:
    entries = zips.look_over(path)
    if not entries:
        raise ChooseTheExport(Refusal.NO_CSV_IN_ZIP)
    allowance = MAX_UNPACKED
    texts = []
    with zips.opened(path) as archive:
        for entry in entries:
            with archive.open(entry) as file:
                counted = _Counted(file, allowance)
                if counted.head.startswith(_ZIP):
                    raise SendItUntouched(Refusal.NESTED_ARCHIVE)
                encoding = _look_through(counted)
            allowance -= counted.size
            texts.append(NamedText(base_name(entry.filename), path, entry.filename, encoding))
    return texts


def _loose(path: Path, filename: str, head: bytes) -> NamedText:
    _refuse_other_files(head)
    with path.open("rb") as file:
        encoding = _look_through(_Counted(file, MAX_UNPACKED))
    return NamedText(base_name(filename), path, encoding=encoding)


def _refuse_other_files(head: bytes) -> None:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        raise ExportAgain(Refusal.EMPTY)
    if start.startswith(b"%PDF"):
        raise ChooseTheExport(Refusal.PDF_FILE)
    if start.startswith(b"<"):
        raise ChooseTheExport(Refusal.HTML_PAGE)
    if b"\x00" in head and not head.startswith(_UTF_16):
        raise ChooseTheExport(Refusal.OTHER_FILE)


def _look_through(counted: _Counted) -> str:
    """Read to the end with a counter of our own, and tell how the text is encoded."""
    encoding = "utf-16" if counted.head.startswith(_UTF_16) else "utf-8-sig"
    chunks = iter(counted)
    try:
        for _ in codecs.iterdecode(chunks, encoding):
            pass
    except UnicodeDecodeError:
        encoding = "latin-1"
        for _ in chunks:
            pass
    return encoding


def _refuse_strangers(texts: Sequence[NamedText]) -> None:
    """Refuse an upload in which no file is one of the export."""
    headers = [_header(text) for text in texts]
    if any(recognise(titles) for titles in headers):
        return
    if not any(headers):
        raise ExportAgain(Refusal.EMPTY)
    gdpr = any(is_gdpr(titles) for titles in headers)
    raise ChooseTheExport(Refusal.GDPR_ARCHIVE if gdpr else Refusal.NOT_AN_EXPORT)


def _header(named: NamedText) -> list[str]:
    with named.open() as text:
        return Table(text).header
