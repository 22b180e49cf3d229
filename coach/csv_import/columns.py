"""What reads the cells of one column: worked out once for a file, and it remembers."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from coach.csv_import import cells
from coach.csv_import.guarding import bare
from coach.csv_import.headers import Column, Form, Kind
from coach.csv_import.values import OF_DAYS, in_days

# A value, and whether a day can hold it; raises Unreadable.
Reads: TypeAlias = Callable[[str], tuple[object, bool]]

_REMEMBERED = 2048  # of each column; a number has few digits and a flag two values


def reader(kind: Kind, column: Column, *, decimal_comma: bool) -> Reads:
    """Give what reads the stripped cells, none of them empty, of a column that holds no time."""
    match column.form:
        case Form.NUMBER:
            return _numbers(OF_DAYS[kind].get(column.field), decimal_comma=decimal_comma)
        case Form.FLAG:
            return _flag
        case _:
            return _text


def _numbers(metric: str | None, *, decimal_comma: bool) -> Reads:
    read = cells.comma_number if decimal_comma else cells.number

    @lru_cache(maxsize=_REMEMBERED)
    def number(cell: str) -> tuple[float, bool]:
        value = read(cell)
        return value, metric is None or in_days(metric, value) is not None

    return number


@lru_cache(maxsize=64)
def _flag(cell: str) -> tuple[bool, bool]:
    return cells.flag(cell), True


def _text(cell: str) -> tuple[str, bool]:
    return bare(cell), True
