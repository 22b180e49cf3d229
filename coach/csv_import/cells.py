"""One cell of text as a value, or the reason why not."""

import re
from datetime import UTC, datetime, timedelta, timezone

from coach.csv_import.headers import folded
from coach.csv_import.problems import Reason
from coach.days.calendar import parse_offset

_TIME = re.compile(r"(\d{4})-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_YES = {"true", "yes", "si", "oui", "sim", "ja"}
_NO = {"false", "no", "non", "nao", "nein"}
_YEARS = range(2000, 2101)


class Unreadable(ValueError):
    """The cell does not hold what its column promises."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def local_time(text: str, offset_minutes: int) -> datetime:
    """Read a wall-clock time as an instant; fractions are cut, as the export cuts them."""
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) not in _YEARS:
        raise Unreadable(Reason.NOT_A_TIME)
    try:
        clock = datetime.fromisoformat(text[:19])
    except ValueError:
        raise Unreadable(Reason.NOT_A_TIME) from None
    offset = timezone(timedelta(minutes=offset_minutes))
    return clock.replace(tzinfo=offset).astimezone(UTC)


def offset(text: str) -> int:
    """Read `UTC+05:30`, `UTC-08:00` or `UTCZ` as minutes; never guess."""
    try:
        return parse_offset(text.upper().removeprefix("UTC"))
    except ValueError:
        raise Unreadable(Reason.UNKNOWN_OFFSET) from None


def number(text: str, *, decimal_comma: bool) -> float:
    """Read a number; a comma counts as a decimal sign only where it cannot be a delimiter."""
    plain = text.replace(",", ".", 1) if decimal_comma else text
    if not _NUMBER.fullmatch(plain):
        raise Unreadable(Reason.NOT_A_NUMBER)
    return float(plain)


def flag(text: str) -> bool:
    """Read true and false in any case, as a spreadsheet or another language writes them."""
    word = folded(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(Reason.NOT_A_FLAG)
