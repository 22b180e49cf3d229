"""A stranger's CSV as rows with line numbers, in little memory whatever it holds."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple, TextIO

MAX_ROW_CHARS = 1_000_000
MAX_LINES = 600_000  # the blank ones cost time too
MAX_REREAD_CHARS = 50 * MAX_ROW_CHARS
_QUOTED = re.compile(r'"[^"]*"')
_DELIMITERS = ",;\t"
_HINT = re.compile(r'"?sep=([,;\t])"?\s*', re.IGNORECASE)  # some programs write it for spreadsheets


class Line(NamedTuple):
    """The cells of one row and the line it begins on; a tuple, as there may be many thousands."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no row, or where reading ends (`rest_lost`), or both."""

    number: int
    row_lost: bool = True
    rest_lost: bool = False


class Table:
    """A CSV file: its header, then its rows, read one at a time."""

    def __init__(self, text: TextIO) -> None:
        csv.field_size_limit(MAX_ROW_CHARS)  # global, and every reader here wants the same
        self._lines = _Lines(text)
        top = self._lines.look_ahead()
        hint = _HINT.fullmatch(top)
        self.delimiter = hint[1] if hint else _delimiter(top)
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self._rows = self._read()
        first = next(self._rows, None)
        if hint or isinstance(first, BrokenLine):  # titles that are lost, the rows may tell
            first = next(self._rows, None)
        self.first = first.number if isinstance(first, Line) else 1
        self.header = [title.strip() for title in first.cells] if isinstance(first, Line) else []
        self._ahead: list[Line | BrokenLine] = []

    def __iter__(self) -> Iterator[Line | BrokenLine]:
        """Give the rows below the header, once."""
        return chain(self._ahead, self._rows)

    def look_ahead(self, rows: int) -> list[list[str]]:
        """Give the cells of the first rows without taking them."""
        self._ahead += islice(self._rows, rows)
        return [line.cells for line in self._ahead if isinstance(line, Line)]

    def _read(self) -> Iterator[Line | BrokenLine]:
        while True:
            number = self._lines.begin_row()
            if number > MAX_LINES:
                yield BrokenLine(number, row_lost=False, rest_lost=True)
                return
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                recovered = self._lines.give_back()
                yield BrokenLine(number, rest_lost=not recovered)
                if not recovered:
                    return
                continue
            if cells and (cells[0].strip() or any(map(str.strip, cells))):
                yield Line(number, cells)


class _Lines:
    """Gives lines to the reader, and takes back those a stray quote has swallowed."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._chars = 0
        self._reread = 0
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_ROW_CHARS + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._row.append(line)
        self._chars += len(line)
        if self._chars > MAX_ROW_CHARS:
            raise csv.Error("row too long")
        return line.replace("\x00", "")  # a database stores none

    def look_ahead(self) -> str:
        """Give the first line that holds something, without taking it."""
        passed: list[str] = []
        while (line := self._next_line()) and not line.strip() and len(passed) < 100:
            passed.append(line)
        self._again.extend(passed)
        if line:
            self._again.append(line)
        return line

    def begin_row(self) -> int:
        """Forget the row just read and tell on which line the next begins."""
        self._row, self._chars = [], 0
        return self._number + 1

    def give_back(self) -> bool:
        """Give up the first line of a broken row and keep the others, as often as is cheap."""
        lost, *others = self._row or [""]
        self._again.extendleft(reversed(others))
        self._number -= len(others)
        self._reread += self._chars if others or len(lost) > MAX_ROW_CHARS else 0
        return self._reread <= MAX_REREAD_CHARS

    def _next_line(self) -> str:
        if self._again:
            return self._again.popleft()
        return self._text.readline(MAX_ROW_CHARS + 1)


def _delimiter(line: str) -> str:
    """Pick what separates the titles; a spreadsheet may have changed it."""
    bare = _QUOTED.sub("", line)
    return max(_DELIMITERS, key=bare.count)
