"""The lines of one file as rows: what spoils a row, what spoils a cell, what is only remarked."""

from collections.abc import Callable, Iterator, Sequence

from coach.csv_import import cells as cell_forms
from coach.csv_import.guarding import bare
from coach.csv_import.headers import Column, Form, Header, Kind
from coach.csv_import.problems import Problem, Reason, Spoils, value_class
from coach.csv_import.rows import SHAPES, Row, from_parsed
from coach.csv_import.survey import Survey
from coach.csv_import.tables import Line
from coach.csv_import.times import Unreadable, instant
from coach.csv_import.values import implausible

MAX_COLUMNS = 200
_LONGEST_TITLE = 100


class _Spoiled(ValueError):
    """The row cannot be kept: without this cell it has no key."""

    def __init__(self, reason: Reason, field: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field


class Drafter:
    """Makes rows of the lines of one file; what its header says is worked out once."""

    def __init__(self, file: str, header: Header, found: Survey, *, decimal_comma: bool) -> None:
        self._file = file
        self._kind = header.kind
        self._width = len(header.columns)
        self._survey = found
        placed = [(at, column) for at, column in enumerate(header.columns) if column]
        self._at = {column.field: at for at, column in placed}
        self._titles = {column.field: header.titles[at] for at, column in placed}
        self._times = [(at, column.field) for at, column in placed if column.form is Form.TIME]
        reads = _readers(decimal_comma=decimal_comma)
        self._rest = _with_readers(placed, reads)

    def read(self, line: Line) -> Iterator[Row | Problem]:
        """Read a line: what is wrong with its cells and then the row, or why it cannot be kept."""
        cells = line.cells
        if len(cells) < self._width:
            cells = cells + [""] * (self._width - len(cells))
        problems: list[Problem] = []
        try:
            row = self._row(line.number, cells, problems)
        except _Spoiled as spoiled:
            yield self._problem(line.number, cells, spoiled.reason, Spoils.ROW, spoiled.field)
            return
        yield from problems
        for field in implausible(row):
            yield self._problem(line.number, cells, Reason.IMPLAUSIBLE, Spoils.CELL, field)
        if any(cell.strip() for cell in cells[self._width :]):
            yield self._problem(line.number, cells, Reason.EXTRA_CELLS, Spoils.CELL)
        yield row

    def _row(self, line: int, cells: Sequence[str], problems: list[Problem]) -> Row:
        if len(cells) > MAX_COLUMNS:
            raise _Spoiled(Reason.TOO_MANY_COLUMNS)
        minutes = self._minutes(line, cells, problems)
        values: dict[str, object] = {"offset_minutes": minutes}
        self._read_times(cells, minutes, values)
        for at, field, read in self._rest:
            if cell := cells[at].strip():
                try:
                    values[field] = read(cell)
                except Unreadable as unreadable:
                    reason = unreadable.reason
                    problems.append(self._problem(line, cells, reason, Spoils.CELL, field))
        for field in SHAPES[self._kind].needs:
            if field not in values:
                raise _Spoiled(Reason.MISSING, field)
        return from_parsed(self._kind, values)

    def _read_times(self, cells: Sequence[str], minutes: int, values: dict[str, object]) -> None:
        for at, field in self._times:
            if cell := cells[at].strip():
                try:
                    values[field] = instant(cell, minutes, self._survey.order)
                except Unreadable as unreadable:
                    raise _Spoiled(unreadable.reason, field) from None

    def _minutes(self, line: int, cells: Sequence[str], problems: list[Problem]) -> int:
        """Find the offset of the row's times: its own, else that of the nearest row with one."""
        minutes = cell_forms.offset(cells[self._at["offset_minutes"]].strip())
        if minutes is not None:
            return minutes
        if not cells[self._at["cycle_start_time"]].strip():  # today's journal has no cycle yet
            lacks = Reason.NO_CYCLE if self._kind is Kind.JOURNAL else Reason.MISSING
            raise _Spoiled(lacks, "cycle_start_time")
        minutes = self._survey.offsets.nearest(line)
        if minutes is None:
            raise _Spoiled(Reason.UNKNOWN_OFFSET, "offset_minutes")
        remark = self._problem(
            line, cells, Reason.NEIGHBOURS_OFFSET, Spoils.NOTHING, "offset_minutes"
        )
        problems.append(remark)
        return minutes

    def _problem(
        self, line: int, cells: Sequence[str], reason: Reason, spoils: Spoils, field: str = ""
    ) -> Problem:
        """Say what is wrong and where, but of the value only its class."""
        cell = cells[self._at[field]].strip() if field in self._at else ""
        title = self._titles.get(field, field)[:_LONGEST_TITLE]
        return Problem(self._file, line, title, value_class(cell), reason, spoils)


def _readers(*, decimal_comma: bool) -> dict[Form, Callable[[str], object]]:
    return {
        Form.NUMBER: cell_forms.comma_number if decimal_comma else cell_forms.number,
        Form.FLAG: cell_forms.flag,
        Form.TEXT: bare,
    }


def _with_readers(
    placed: Sequence[tuple[int, Column]], reads: dict[Form, Callable[[str], object]]
) -> list[tuple[int, str, Callable[[str], object]]]:
    return [(at, it.field, reads[it.form]) for at, it in placed if it.form in reads]
