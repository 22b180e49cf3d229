"""A CSV of the export as typed rows: a bad cell spoils a cell, a bad time spoils its row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from coach.csv_import.drafts import Draft, Spoiled
from coach.csv_import.headers import Header, recognise
from coach.csv_import.problems import Problem, Reason, Spoils, ValueClass
from coach.csv_import.rows import Row
from coach.csv_import.tables import BrokenLine, Line, Table

MAX_COLUMNS = 200
MAX_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row to store: where it stood, its cells as they were written, and what they say."""

    line: int
    raw: dict[str, str]
    row: Row


def read_rows(name: str, text: TextIO) -> Iterator[Accepted | Problem]:
    """Read one file; every row of it is either accepted or one problem that spoils the row."""
    table = Table(text)
    header = recognise(table.header)
    if header is None or len(table.header) > MAX_COLUMNS:
        yield _of_file(name, 1, _why_not(table.header))
        return
    for count, line in enumerate(table, start=1):
        if count > MAX_ROWS:
            yield _of_file(name, line.number, Reason.TOO_MANY_ROWS)
            return
        if isinstance(line, BrokenLine):
            yield from _broken(name, line)
        else:
            draft = Draft(name, line.number, decimal_comma=table.delimiter == ";")
            yield from _read_line(draft, header, line)


def _read_line(draft: Draft, header: Header, line: Line) -> Iterator[Accepted | Problem]:
    if len(line.cells) > MAX_COLUMNS:
        yield draft.problem(Reason.TOO_MANY_COLUMNS, Spoils.ROW)
        return
    try:
        row = draft.row(header, line.cells)
    except Spoiled as spoiled:
        yield draft.problem(spoiled.reason, Spoils.ROW, spoiled.column, spoiled.cell)
        return
    yield from draft.problems
    yield Accepted(line.number, _raw(header, line.cells), row)


def _broken(name: str, line: BrokenLine) -> Iterator[Problem]:
    yield Problem(name, line.number, "", ValueClass.TEXT, Reason.BROKEN_QUOTES, Spoils.ROW)
    if line.rest_lost:
        yield _of_file(name, line.number, Reason.UNREADABLE_REST)


def _of_file(name: str, line: int, reason: Reason) -> Problem:
    return Problem(name, line, "", ValueClass.TEXT, reason, Spoils.FILE)


def _why_not(titles: Sequence[str]) -> Reason:
    if not any(titles):
        return Reason.EMPTY_FILE
    return Reason.TOO_MANY_COLUMNS if len(titles) > MAX_COLUMNS else Reason.UNKNOWN_HEADER


def _raw(header: Header, cells: Sequence[str]) -> dict[str, str]:
    """Keep every cell that holds something, by the title it stood under; extra ones by place."""
    extra = [f"#{place}" for place in range(len(header.titles) + 1, len(cells) + 1)]
    named = zip([*header.titles, *extra], cells, strict=False)
    return {title: cell for title, cell in reversed(list(named)) if cell.strip()}
