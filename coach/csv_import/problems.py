"""What an import reports about single cells and rows, without repeating what they hold."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Spoils(StrEnum):
    """How much is lost; NOTHING is a remark on a row, or a file, that was taken."""

    NOTHING = "nothing"
    CELL = "cell"
    ROW = "row"
    FILE = "file"


class Reason(StrEnum):
    """What is wrong."""

    NOT_A_NUMBER = "not_a_number"
    NOT_A_FLAG = "not_a_flag"
    IMPLAUSIBLE = "implausible"
    EXTRA_CELLS = "extra_cells"
    NOT_A_TIME = "not_a_time"
    AMBIGUOUS_DATE = "ambiguous_date"
    UNKNOWN_OFFSET = "unknown_offset"
    MISSING = "missing"
    NO_CYCLE = "no_cycle"
    BROKEN_QUOTES = "broken_quotes"
    EMPTY_FILE = "empty_file"
    UNKNOWN_HEADER = "unknown_header"
    OUR_TABLE = "our_table"
    MISSING_COLUMN = "missing_column"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_ROWS = "too_many_rows"
    UNREADABLE_REST = "unreadable_rest"
    NEIGHBOURS_OFFSET = "neighbours_offset"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    SECONDS_LOST = "seconds_lost"


class ValueClass(StrEnum):
    """What sort of value stood there; the value itself is private."""

    EMPTY = "empty"
    NUMBER = "number"
    DECIMAL_COMMA = "decimal_comma"
    TIME = "time"
    SPREADSHEET_DATE = "spreadsheet_date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing an import could not take, and where it stands.

    A problem that spoils a cell, or nothing, comes before its row; one that spoils a row stands for that row.
    """

    file: str
    line: int
    column: str
    value_class: ValueClass
    reason: Reason
    spoils: Spoils


_SHAPES = (
    (ValueClass.EMPTY, re.compile(r"\s*")),
    (ValueClass.NUMBER, re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)),
    (ValueClass.DECIMAL_COMMA, re.compile(r"[+-]?\d{1,20},\d{1,20}", re.ASCII)),
    (ValueClass.TIME, re.compile(r"\d{4}-\d\d?-\d\d?([ T]\d\d?:\d\d.{0,20})?", re.ASCII)),
    (
        ValueClass.SPREADSHEET_DATE,
        re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(,?[ T]\d{1,2}:\d{2}.{0,8})?", re.ASCII),
    ),
)


def value_class(text: str) -> ValueClass:
    """Tell what sort of value a cell holds."""
    for shape, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return shape
    return ValueClass.TEXT
