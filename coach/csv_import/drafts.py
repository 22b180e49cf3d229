"""The lines of one file as rows: what spoils a row, what spoils a cell, what is only remarked."""

from collections.abc import Callable, Sequence
from datetime import datetime

from coach.csv_import.cells import offset
from coach.csv_import.columns import reader
from coach.csv_import.headers import Form, Header, Kind
from coach.csv_import.problems import Problem, Reason, Spoils, value_class
from coach.csv_import.rows import SHAPES, Row, maker
from coach.csv_import.survey import Survey
from coach.csv_import.tables import Line
from coach.csv_import.times import LENGTH, Unreadable, exported, instant

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

    def __init__(
        self, file: str, header: Header, look_over: Callable[[], Survey], *, decimal_comma: bool
    ) -> None:
        self._file = file
        self._kind = header.kind
        self._needs = SHAPES[header.kind].needs
        self._made = maker(header.kind)
        self._width = len(header.columns)
        self._look_over = look_over
        placed = [(at, column) for at, column in enumerate(header.columns) if column]
        self._at = {column.field: at for at, column in placed}
        self._titles = {column.field: header.titles[at] for at, column in placed}
        self._times = [(at, column.field) for at, column in placed if column.form is Form.TIME]
        self._rest = [
            (at, column.field, reader(header.kind, column, decimal_comma=decimal_comma))
            for at, column in placed
            if column.form not in {Form.TIME, Form.OFFSET}
        ]

    def read(self, line: Line) -> tuple[Row | None, list[Problem]]:
        """Read a line: the row and what is wrong with its cells, or why there is no row."""
        cells = [*map(str.strip, line.cells)]
        if len(cells) < self._width:
            cells += [""] * (self._width - len(cells))
        problems: list[Problem] = []
        try:
            row = self._row(line.number, cells, problems)
        except _Spoiled as spoiled:
            wrong = (spoiled.reason, Spoils.ROW, spoiled.field)
            return None, [self._problem(line.number, cells, *wrong)]
        if len(cells) > self._width and any(cells[self._width :]):
            problems.append(self._problem(line.number, cells, Reason.EXTRA_CELLS, Spoils.CELL))
        return row, problems

    def _row(self, line: int, cells: Sequence[str], problems: list[Problem]) -> Row:
        if len(cells) > MAX_COLUMNS:
            raise _Spoiled(Reason.TOO_MANY_COLUMNS)
        minutes = self._minutes(line, cells, problems)
        values: dict[str, object] = {"offset_minutes": minutes}
        self._read_times(cells, minutes, values)
        for field, wrong in self._read_rest(cells, values):
            problems.append(self._problem(line, cells, wrong, Spoils.CELL, field))
        for field in self._needs:
            if field not in values:
                raise _Spoiled(Reason.MISSING, field)
        return self._made(values)

    def _read_times(self, cells: Sequence[str], minutes: int, values: dict[str, object]) -> None:
        for at, field in self._times:
            if cell := cells[at]:
                try:
                    ordinary = exported(cell, minutes) if len(cell) == LENGTH else None
                    values[field] = ordinary or self._odd_time(cell, minutes)
                except Unreadable as unreadable:
                    raise _Spoiled(unreadable.reason, field) from None

    def _read_rest(
        self, cells: Sequence[str], values: dict[str, object]
    ) -> list[tuple[str, Reason]]:
        """Read what is no time; says which fields are spoiled or doubtful, and why."""
        odd = []
        for at, field, read in self._rest:
            if cell := cells[at]:
                try:
                    values[field], possible = read(cell)
                except Unreadable as unreadable:
                    odd.append((field, unreadable.reason))
                else:
                    if not possible:
                        odd.append((field, Reason.IMPLAUSIBLE))
        return odd

    def _odd_time(self, cell: str, minutes: int) -> datetime:
        """Read a time that no export writes so; it may take the whole file to tell the order."""
        return instant(cell, minutes, self._look_over().order)

    def _minutes(self, line: int, cells: Sequence[str], problems: list[Problem]) -> int:
        """Find the offset of the row's times: its own, else that of the nearest row with one."""
        minutes = offset(cells[self._at["offset_minutes"]])
        if minutes is not None:
            return minutes
        if not cells[self._at["cycle_start_time"]]:  # today's journal has no cycle yet
            lacks = Reason.NO_CYCLE if self._kind is Kind.JOURNAL else Reason.MISSING
            raise _Spoiled(lacks, "cycle_start_time")
        minutes = self._look_over().offsets.nearest(line)
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
        cell = cells[self._at[field]] if field in self._at else ""
        title = self._titles.get(field, field)[:_LONGEST_TITLE]
        return Problem(self._file, line, title, value_class(cell), reason, spoils)
