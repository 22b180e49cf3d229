"""What only the whole file tells: what comes first in its dates, and the offset a row lacks."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coach.csv_import.cells import offset
from coach.csv_import.headers import Form, Header
from coach.csv_import.tables import BrokenLine, Line
from coach.csv_import.times import (
    DateOrder,
    Unreadable,
    instant,
    is_odd,
    is_of_a_spreadsheet,
    year_last,
)


@dataclass(slots=True)
class Offsets:
    """The known offsets of a file by line, in ten bytes each."""

    _lines: "array[int]" = field(default_factory=lambda: array("q"))
    _minutes: "array[int]" = field(default_factory=lambda: array("h"))

    def add(self, line: int, minutes: int) -> None:
        """Note the offset of a line further down than all before."""
        self._lines.append(line)
        self._minutes.append(minutes)

    def nearest(self, line: int) -> int | None:
        """Give the offset of the nearest line that has one, of two the upper; None without any."""
        below = bisect_left(self._lines, line)
        near = range(max(0, below - 1), min(below + 1, len(self._lines)))
        if not near:
            return None
        return self._minutes[min(near, key=lambda place: abs(self._lines[place] - line))]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the whole file says; `sheet_line` is the first with a date as spreadsheets write it."""

    offsets: Offsets
    order: DateOrder | None
    sheet_line: int | None
    seconds_lost: bool


def survey(header: Header, lines: Iterable[Line | BrokenLine]) -> Survey:
    """Look a file over from its header to its end."""
    fields = [column.field if column else "" for column in header.columns]
    offset_at, start_at = fields.index("offset_minutes"), fields.index("cycle_start_time")
    times = [place for place, it in enumerate(header.columns) if it and it.form is Form.TIME]
    times.sort(key=lambda place: place != start_at)  # the cycle's start first
    offsets, dates = Offsets(), _Dates()
    for line in lines:
        if isinstance(line, BrokenLine):
            continue
        cells, width = line.cells, len(line.cells)
        known = offset(cells[offset_at].strip()) if offset_at < width else None
        if known is not None:
            offsets.add(line.number, known)
        if any(place < width and is_odd(cells[place]) for place in times):
            dates.note(line.number, [cells[place].strip() for place in times if place < width])
    return Survey(offsets, dates.order(), dates.sheet_line, dates.seconds_lost)


class _Dates:
    """What speaks for a day or for a month in front, gathered row by row."""

    def __init__(self) -> None:
        self.sheet_line: int | None = None
        self.seconds_lost = False
        self._beyond_12: set[DateOrder] = set()
        self._clues = [_Clue(DateOrder.DAY_FIRST), _Clue(DateOrder.MONTH_FIRST)]

    def note(self, line: int, times: Sequence[str]) -> None:
        """Take the times of one row, the start of its cycle first."""
        for time in times:
            self._note_one(line, time)
        dates = [time for time in times if year_last(time)]
        for clue in self._clues:
            clue.note(dates)

    def order(self) -> DateOrder | None:
        """Settle it: by a part above 12, else by which reading falls or rises without a break.

        If both do, by which makes the shorter cycles, sleeps and workouts.
        """
        if self._beyond_12:
            (*others, only) = self._beyond_12
            return None if others else only
        day_first, month_first = self._clues
        if day_first.strangeness() == month_first.strangeness():
            return None
        return min(self._clues, key=_Clue.strangeness).order

    def _note_one(self, line: int, time: str) -> None:
        if not is_of_a_spreadsheet(time):
            return
        self.sheet_line = self.sheet_line or line
        self.seconds_lost |= time.count(":") < 2
        first, second = year_last(time) or (0, 0)
        if first > 12:
            self._beyond_12.add(DateOrder.DAY_FIRST)
        if second > 12:
            self._beyond_12.add(DateOrder.MONTH_FIRST)


class _Clue:
    """How strange the file would be if its dates were meant in one order."""

    def __init__(self, order: DateOrder) -> None:
        self.order = order
        self._rises = self._falls = 0
        self._spans = timedelta()
        self._last: datetime | None = None

    def note(self, times: Sequence[str]) -> None:
        read = [moment for time in times if (moment := self._read(time))]
        if not read:
            return
        if self._last:
            self._rises += read[0] > self._last
            self._falls += read[0] < self._last
        self._last = read[0]
        self._spans += max(read) - min(read)

    def strangeness(self) -> tuple[int, timedelta]:
        return min(self._rises, self._falls), self._spans

    def _read(self, time: str) -> datetime | None:
        try:
            return instant(time, 0, self.order)
        except Unreadable:
            return None
