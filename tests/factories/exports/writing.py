"""How WHOOP, a spreadsheet or somebody's editor writes rows down, and what is left of them."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories.exports.life import Number, Offset, Row, Value
from tests.factories.exports.titles import ENGLISH, FIELDS, TITLES

KINDS = {"C": "cycle", "S": "sleep", "W": "workout", "J": "journal"}
Kept = tuple[str, dict[str, object]]


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Style:
    """What may differ between two copies of one file."""

    delimiter: str = ","
    newline: str = "\n"
    encoding: str = "utf-8"
    last_newline: bool = True
    quote_all: bool = False
    yes: str = "true"
    no: str = "false"
    decimal: str = "."
    time: Callable[[datetime], str] = iso
    seconds: bool = True
    zulu: str = "UTCZ"

    def cell(self, value: Value) -> str:
        match value:
            case None:
                return ""
            case bool():
                return self.yes if value else self.no
            case datetime():
                return self.time(value)
            case Offset():
                return self._offset(value.minutes)
            case Number():
                return value.replace(".", self.decimal)
            case str():
                return value

    def _offset(self, minutes: int) -> str:
        if not minutes:
            return self.zulu
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


PLAIN = Style()


def write(titles: Sequence[str], cells: Iterable[Sequence[str]], style: Style = PLAIN) -> bytes:
    """Write a file."""
    made = io.StringIO(newline="")
    writer = csv.writer(
        made,
        delimiter=style.delimiter,
        lineterminator=style.newline,
        quoting=csv.QUOTE_ALL if style.quote_all else csv.QUOTE_MINIMAL,
    )
    writer.writerow(titles)
    writer.writerows(cells)
    text = made.getvalue()
    if not style.last_newline:
        text = text.removesuffix(style.newline)
    return text.encode(style.encoding)


def cells_of(form: str, rows: Iterable[Row], style: Style = PLAIN) -> list[list[str]]:
    """Give the cells of rows in the order of a form such as `C26`."""
    return [[style.cell(row.get(title)) for title in ENGLISH[form]] for row in rows]


def file(form: str, rows: Iterable[Row], style: Style = PLAIN, language: str = "en") -> bytes:
    """Write a file of a form in a language."""
    return write(TITLES[language][form], cells_of(form, rows, style), style)


def kept(form: str, rows: Iterable[Row], style: Style = PLAIN) -> list[Kept]:
    """Say what must be stored of rows written in a form, times in UTC."""
    return [(KINDS[form[0]], _kept(form, row, style)) for row in rows]


def _kept(form: str, row: Row, style: Style) -> dict[str, object]:
    offset = row["Cycle timezone"]
    assert isinstance(offset, Offset)
    values = {FIELDS[title]: _meant(row.get(title), offset, style) for title in ENGLISH[form]}
    return {field: value for field, value in values.items() if value is not None}


def _meant(value: Value, offset: Offset, style: Style) -> object:
    match value:
        case datetime():
            utc = value - timedelta(minutes=offset.minutes)
            shown = utc if style.seconds else utc.replace(second=0)
            return f"{shown:%Y-%m-%dT%H:%M:%SZ}"
        case Offset():
            return value.minutes
        case Number():
            return float(value)
        case bool() | None:
            return value
        case str():
            return value.strip()
