"""A CSV of the export as typed rows: a bad cell spoils a cell, a bad time spoils its row."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, islice
from typing import NamedTuple, TextIO

from coach.csv_import.drafts import MAX_COLUMNS, Drafter
from coach.csv_import.errors import Refusal
from coach.csv_import.headers import Header
from coach.csv_import.problems import Problem, Reason, Spoils, ValueClass
from coach.csv_import.recognising import lacking, recognise
from coach.csv_import.rows import Row
from coach.csv_import.strangers import by_titles
from coach.csv_import.survey import Survey, survey
from coach.csv_import.tables import BrokenLine, Line, Table
from coach.csv_import.times import DateOrder

MAX_ROWS = 500_000
_SAMPLE = 50  # rows that tell a file by its shape

_ORDERS = {
    DateOrder.DAY_FIRST: Reason.DAY_FIRST,
    DateOrder.MONTH_FIRST: Reason.MONTH_FIRST,
}


class Accepted(NamedTuple):
    """A row to store: where it stood, its cells as they were written, and what they say.

    A tuple, as there may be many thousands.
    """

    line: int
    raw: dict[str, str]
    row: Row


def read_rows(name: str, text: TextIO) -> Iterator[Accepted | Problem]:
    """Read one file; every row is either accepted or one problem that spoils the row.

    `text` stands at its start and can be brought back to it.
    """
    table = Table(text)
    header = header_of(table)
    if header is None:
        yield _unread(name, table.header)
        return
    overview = _Overview(text, header)
    names = _names(header.titles)
    drafter = Drafter(name, header, overview.found, decimal_comma=table.delimiter != ",")
    for count, line in enumerate(_lines(header, table), start=1):
        if count > MAX_ROWS:
            yield _of_file(name, line.number, Reason.TOO_MANY_ROWS)
            return
        if isinstance(line, BrokenLine):
            yield from _broken(name, line)
            continue
        row, problems = drafter.read(line)
        if overview.is_news:
            overview.is_news = False
            yield from _remarks(name, overview.found())
        yield from problems
        if row:
            yield Accepted(line.number, _raw(names, line.cells), row)


class _Overview:
    """Looks a file over to its end, in the middle of its being read, if that is ever needed.

    As the export wrote it, no row needs to know the others.
    """

    def __init__(self, text: TextIO, header: Header) -> None:
        self._text = text
        self._header = header
        self._found: Survey | None = None
        self.is_news = False

    def found(self) -> Survey:
        if self._found is None:
            here = self._text.tell()
            self._text.seek(0)
            lines = _lines(self._header, Table(self._text))
            self._found = survey(self._header, islice(lines, MAX_ROWS))
            self._text.seek(here)
            self.is_news = True
        return self._found


def header_of(table: Table) -> Header | None:
    """Recognise the header of a file, which is left as it was; None when it is none of ours."""
    if len(table.header) > MAX_COLUMNS:
        return None
    return recognise(table.header, table.look_ahead(_SAMPLE))


def _lines(header: Header, table: Table) -> Iterable[Line | BrokenLine]:
    bare = [Line(table.first, table.header)] if header.headless else []
    return chain(bare, table)


def _remarks(name: str, found: Survey) -> Iterator[Problem]:
    """Say once what a spreadsheet did to the times of the file."""
    if found.sheet_line is None:
        return
    reasons = [_ORDERS[found.order]] if found.order else []
    reasons += [Reason.SECONDS_LOST] if found.seconds_lost else []
    for reason in reasons:
        date = ValueClass.SPREADSHEET_DATE
        yield Problem(name, found.sheet_line, "", date, reason, Spoils.NOTHING)


def _broken(name: str, line: BrokenLine) -> Iterator[Problem]:
    if line.row_lost:
        yield Problem(name, line.number, "", ValueClass.TEXT, Reason.BROKEN_QUOTES, Spoils.ROW)
    if line.rest_lost:
        yield _of_file(name, line.number, Reason.UNREADABLE_REST)


def _of_file(name: str, line: int, reason: Reason, column: str = "") -> Problem:
    return Problem(name, line, column, ValueClass.TEXT, reason, Spoils.FILE)


def _unread(name: str, titles: Sequence[str]) -> Problem:
    """Say why nothing is taken from a file; of a table of ours nothing had to be."""
    if by_titles(titles) is Refusal.OUR_TABLE:
        return Problem(name, 1, "", ValueClass.TEXT, Reason.OUR_TABLE, Spoils.NOTHING)
    return _of_file(name, 1, _why_not(titles), lacking(titles))


def _why_not(titles: Sequence[str]) -> Reason:
    if not any(titles):
        return Reason.EMPTY_FILE
    if len(titles) > MAX_COLUMNS:
        return Reason.TOO_MANY_COLUMNS
    return Reason.MISSING_COLUMN if lacking(titles) else Reason.UNKNOWN_HEADER


def _raw(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Keep every cell that is not empty, by the title it stood under; extra ones by place."""
    if len(cells) > len(names):
        names = [*names, *(f"#{place}" for place in range(len(names) + 1, len(cells) + 1))]
    pairs = zip(names, cells, strict=False)
    return dict(compress(pairs, cells) if "" in cells else pairs)


def _names(titles: Sequence[str]) -> list[str]:
    """Name every column once: a title that is empty or there already by its place."""
    return [
        title if title and title not in titles[:at] else f"#{at + 1}"
        for at, title in enumerate(titles)
    ]
