"""One row in the making: its cells read in an order in which a spoiled row is told first."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from coach.csv_import import cells as cell_forms
from coach.csv_import.cells import Unreadable
from coach.csv_import.headers import Column, Form, Header, Kind
from coach.csv_import.mapping import implausible
from coach.csv_import.problems import Problem, Reason, Spoils, value_class
from coach.csv_import.rows import SHAPES, Row, from_parsed

_LONGEST_TITLE = 100


class Spoiled(ValueError):
    """The row cannot be kept: without these cells it has no key."""

    def __init__(self, reason: Reason, column: str = "", cell: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.column = column
        self.cell = cell


class Draft:
    """A row in the making, and what was wrong with single cells of it."""

    def __init__(self, file: str, line: int, *, decimal_comma: bool) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._line = line
        self._decimal_comma = decimal_comma
        self._values: dict[str, object] = {}

    def row(self, header: Header, cells: Sequence[str]) -> Row:
        """Read the cells; raise Spoiled when the row cannot be kept."""
        filled = _filled(header, cells)
        offset = self._offset(header.kind, filled)
        self._read_times(filled, offset)
        self._read_rest(filled)
        self._require(header.kind)
        row = from_parsed(header.kind, self._values)
        for name in implausible(row):
            title, cell = next(text for column, *text in filled if column.field == name)
            self.problems.append(self.problem(Reason.IMPLAUSIBLE, Spoils.CELL, title, cell))
        if any(cell.strip() for cell in cells[len(header.columns) :]):
            self.problems.append(self.problem(Reason.EXTRA_CELLS, Spoils.CELL))
        return row

    def problem(self, reason: Reason, spoils: Spoils, column: str = "", cell: str = "") -> Problem:
        """Say what is wrong and where, but of the value only its class."""
        where = column[:_LONGEST_TITLE]
        return Problem(self._file, self._line, where, value_class(cell), reason, spoils)

    def _offset(self, kind: Kind, filled: Iterable[tuple[Column, str, str]]) -> int:
        """Find the offset of the row's times; today's unfinished journal has no cycle yet."""
        known = {column.field: (title, cell) for column, title, cell in filled}
        if kind is Kind.JOURNAL and "cycle_start_time" not in known:
            raise Spoiled(Reason.NO_CYCLE)
        if "offset_minutes" not in known:
            raise Spoiled(Reason.UNKNOWN_OFFSET)
        title, cell = known["offset_minutes"]
        try:
            offset = cell_forms.offset(cell)
        except Unreadable as unreadable:
            raise Spoiled(unreadable.reason, title, cell) from None
        self._values["offset_minutes"] = offset
        return offset

    def _read_times(self, filled: Iterable[tuple[Column, str, str]], offset: int) -> None:
        for column, title, cell in filled:
            if column.form is Form.TIME:
                try:
                    self._values[column.field] = cell_forms.local_time(cell, offset)
                except Unreadable as unreadable:
                    raise Spoiled(unreadable.reason, title, cell) from None

    def _read_rest(self, filled: Iterable[tuple[Column, str, str]]) -> None:
        for column, title, cell in filled:
            try:
                self._read_cell(column, cell)
            except Unreadable as unreadable:
                found = self.problem(unreadable.reason, Spoils.CELL, title, cell)
                self.problems.append(found)

    def _read_cell(self, column: Column, cell: str) -> None:
        match column.form:
            case Form.NUMBER:
                number = cell_forms.number(cell, decimal_comma=self._decimal_comma)
                self._values[column.field] = number
            case Form.FLAG:
                self._values[column.field] = cell_forms.flag(cell)
            case Form.TEXT:
                self._values[column.field] = cell
            case Form.TIME | Form.OFFSET:
                pass  # read before, because they may spoil the row

    def _require(self, kind: Kind) -> None:
        for name in SHAPES[kind].needs:
            if name not in self._values:
                raise Spoiled(Reason.MISSING, name)


def _filled(header: Header, cells: Sequence[str]) -> list[tuple[Column, str, str]]:
    """Pair the cells that hold something with what they mean and the title they stand under."""
    places = zip_longest(header.columns, header.titles, cells[: len(header.columns)], fillvalue="")
    return [
        (column, title, cell.strip())
        for column, title, cell in places
        if isinstance(column, Column) and cell.strip()
    ]
