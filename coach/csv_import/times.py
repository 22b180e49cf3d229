"""A cell that should hold a time: as the export writes it, or as a spreadsheet made it."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from coach.csv_import.problems import Reason

LENGTH = len("2025-05-01 23:10:05")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_FRACTION = re.compile(r"\.[0-9]{1,9}")
_CLOCK = r",?[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\s?([AaPp])\.?[Mm]\.?)?"
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _CLOCK)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _CLOCK)


class Unreadable(ValueError):
    """The cell does not hold what its column promises."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class DateOrder(StrEnum):
    """What comes first in a date that ends with its year."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def instant(text: str, offset_minutes: int, order: DateOrder | None = None) -> datetime:
    """Read a wall-clock time as an instant; fractions are cut, as the export cuts them.

    Raises Unreadable: NOT_A_TIME, or AMBIGUOUS_DATE for `3/7/2025` when no order is given.
    """
    whole = len(text) == LENGTH or (len(text) > LENGTH and _FRACTION.fullmatch(text, LENGTH))
    found = exported(text[:LENGTH], offset_minutes) if whole else None
    return found or _of_a_spreadsheet(text, order) - _east(offset_minutes)


@lru_cache(maxsize=8192)  # the times of a cycle stand in many rows, and in all four files
def exported(text: str, offset_minutes: int) -> datetime | None:
    """Read 19 letters like `2025-05-01 23:10:05`, as the export writes them; None otherwise.

    The checks shut out what else ISO 8601 knows. Raises Unreadable as `instant` does.
    """
    if not (text[4] == text[7] == "-" and text[13] == text[16] == ":" and text[10] in " T"):
        return None
    try:
        clock = datetime.fromisoformat(text + "+00:00")
    except ValueError:
        raise Unreadable(Reason.NOT_A_TIME) from None
    if not _FIRST_YEAR <= clock.year <= _LAST_YEAR:
        raise Unreadable(Reason.NOT_A_TIME)
    return clock - _east(offset_minutes)


def is_odd(text: str) -> bool:
    """Tell, quickly, what no export writes from what it does; an empty cell is not odd."""
    return bool(text) and (len(text) < LENGTH or text[4] != "-")


def year_last(text: str) -> tuple[int, int] | None:
    """Give the first two parts of a date that ends with its year, None for any other text."""
    found = _YEAR_LAST.fullmatch(text)
    return (int(found[1]), int(found[3])) if found else None


def is_of_a_spreadsheet(text: str) -> bool:
    """Tell whether a time has a form that spreadsheets write, and exports do not."""
    return bool(_YEAR_LAST.fullmatch(text) or _YEAR_FIRST.fullmatch(text)) and (
        len(text) < LENGTH or text[4] != "-"
    )


@lru_cache(maxsize=64)
def _east(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _of_a_spreadsheet(text: str, order: DateOrder | None) -> datetime:
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, *clock = found.groups()
        return _made(int(year), int(month), int(day), clock)
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        raise Unreadable(Reason.NOT_A_TIME)
    first, _, second, year, *clock = found.groups()
    month, day = _month_and_day(int(first), int(second), order)
    return _made(int(year) if len(year) > 2 else 2000 + int(year), month, day, clock)


def _month_and_day(first: int, second: int, order: DateOrder | None) -> tuple[int, int]:
    if order is DateOrder.DAY_FIRST or first > 12:
        return second, first
    if order is DateOrder.MONTH_FIRST or second > 12 or first == second:
        return first, second
    raise Unreadable(Reason.AMBIGUOUS_DATE)


def _made(year: int, month: int, day: int, clock: list[str | None]) -> datetime:
    hour, minute, second, half = clock
    try:
        made = datetime(
            year, month, day, _hour(hour, half), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        raise Unreadable(Reason.NOT_A_TIME) from None
    if not _FIRST_YEAR <= made.year <= _LAST_YEAR:
        raise Unreadable(Reason.NOT_A_TIME)
    return made


def _hour(text: str | None, half: str | None) -> int:
    """Read an hour of the day, or of its half: 12 AM is 0, 12 PM is 12."""
    hour = int(text or 0)
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise Unreadable(Reason.NOT_A_TIME)
    return hour % 12 + (12 if half in "Pp" else 0)
