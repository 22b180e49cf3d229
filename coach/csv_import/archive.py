"""Opens a stranger's upload safely: what it is, whether it is ours, and its CSVs as text."""

import codecs
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, TextIO
from zipfile import ZipFile, ZipInfo

from coach.csv_import import strangers, zips
from coach.csv_import.errors import (
    ChooseTheExport,
    ExportAgain,
    Refusal,
    SendItUntouched,
    UploadRefused,
)
from coach.csv_import.headers import Header
from coach.csv_import.parts import Part, parts_of
from coach.csv_import.reading import header_of
from coach.csv_import.recognising import lacking
from coach.csv_import.tables import Table
from coach.csv_import.zips import MAX_ENTRIES, MAX_UNPACKED, base_name

_STEP = 65_536
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True, slots=True)
class NamedText:
    """One CSV of an upload: its name, only to be shown, how to read it, and about how long it is.

    No `header` when it is a stranger's among ours.
    """

    name: str
    part: Part
    entry: str | None = None
    encoding: str = "utf-8-sig"
    lines: int = 0
    header: Header | None = None

    @property
    def rows(self) -> int:
        """Say about how many rows will be read; none of a stranger's."""
        return max(self.lines - 1, 0) if self.header else 0

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """Read the text from its beginning, a little at a time; it can be brought back to it."""
        with (
            self._bytes() as source,
            TextIOWrapper(source, self.encoding, errors="replace", newline="") as text,
        ):
            yield text

    @contextmanager
    def _bytes(self) -> Iterator[IO[bytes]]:
        with self.part.open() as file:
            if self.entry is None:
                yield file
            else:
                with ZipFile(file) as archive, archive.open(self.entry) as entry:
                    yield entry


class _Allowance:
    """How many bytes an upload may still unpack to: a declared size may lie."""

    def __init__(self) -> None:
        self.lines = 0  # of the last file
        self._left = MAX_UNPACKED

    def chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Give a file in chunks, counted as they come."""
        self.lines = 0
        while chunk := file.read(_STEP):
            self.lines += chunk.count(b"\n")
            self._left -= len(chunk)
            if self._left < 0:
                raise SendItUntouched(Refusal.TOO_LARGE)
            yield chunk


def read_upload(path: Path, filename: str) -> list[NamedText]:
    """Give the CSVs of an upload, looked through once to their end, or refuse it.

    After this nothing in it can prove too large, damaged or not text while rows are being stored.
    A stranger's file among ours is given too, and reading reports it.
    """
    allowance = _Allowance()
    texts: list[NamedText] = []
    strange: list[Refusal] = []
    for part in parts_of(path, filename):
        try:
            texts += _texts(part, allowance)
        except ChooseTheExport as refused:
            strange.append(refused.refusal)
            texts.append(NamedText(part.name, part))
    if len(texts) > MAX_ENTRIES:
        raise SendItUntouched(Refusal.TOO_MANY_FILES)
    found = [_with_header(text) for text in texts]
    if not any(text.header for text in found):
        raise _refused(strange[0] if strange else _what(found))
    return found


def _texts(part: Part, allowance: _Allowance) -> list[NamedText]:
    with part.open() as file:
        head = file.read(_STEP)
        file.seek(0)
        if head.startswith(_ZIP):
            return _unzipped(part, file, allowance)
        if what := strangers.by_bytes(head):
            raise ChooseTheExport(what)
        encoding = _encoding(allowance.chunks(file))
        return [NamedText(part.name, part, encoding=encoding, lines=allowance.lines)]


def _unzipped(part: Part, file: BinaryIO, allowance: _Allowance) -> list[NamedText]:
    texts = []
    entries = _entries(file)
    with zips.opened(file) as archive:
        for entry in entries:
            with archive.open(entry) as inside:
                encoding = _encoding(allowance.chunks(inside))
            name, lines = base_name(entry.filename), allowance.lines
            texts.append(NamedText(name, part, entry.filename, encoding, lines))
    return texts


def _entries(file: BinaryIO) -> list[ZipInfo]:
    """Give the CSVs in an archive; one that is refused may be a well-known one of another tool."""
    try:
        if entries := zips.look_over(file):
            return entries
        raise ChooseTheExport(Refusal.NO_CSV_IN_ZIP)
    except UploadRefused:
        if whose := strangers.by_names_inside(zips.directory_tail(file)):
            raise ChooseTheExport(whose) from None
        raise


def _encoding(chunks: Iterator[bytes]) -> str:
    """Read a file to its end and tell how its text is encoded."""
    first = next(chunks, b"")
    if first.startswith(_ZIP):
        raise SendItUntouched(Refusal.NESTED_ARCHIVE)
    rest = chain([first], chunks)
    wide = strangers.utf_16(first)
    encoding = wide or "utf-8-sig"
    try:
        for _ in codecs.iterdecode(rest, encoding, errors="replace" if wide else "strict"):
            pass
    except UnicodeDecodeError:
        encoding = "cp1252"  # Latin-1 with the dashes and quotes that Windows puts in its gaps
        for _ in rest:
            pass
    return encoding


def _with_header(text: NamedText) -> NamedText:
    with text.open() as stream:
        return replace(text, header=header_of(Table(stream)))


def _what(texts: Sequence[NamedText]) -> Refusal:
    """Say what an upload is in which no file is one of the export."""
    headers = [_titles(text) for text in texts]
    if not any(headers):
        return Refusal.EMPTY
    whose = next(filter(None, map(strangers.by_titles, headers)), None)
    if whose or (whose := _by_names_inside(texts)):
        return whose
    return Refusal.MISSING_COLUMN if any(map(lacking, headers)) else Refusal.NOT_AN_EXPORT


def _by_names_inside(texts: Sequence[NamedText]) -> Refusal | None:
    for part in {text.part for text in texts if text.entry}:
        with part.open() as file:
            if whose := strangers.by_names_inside(zips.directory_tail(file)):
                return whose
    return None


def _titles(text: NamedText) -> list[str]:
    with text.open() as stream:
        return Table(stream).header


def _refused(what: Refusal) -> UploadRefused:
    return ExportAgain(what) if what is Refusal.EMPTY else ChooseTheExport(what)
