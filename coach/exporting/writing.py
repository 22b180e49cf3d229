"""Rows as text: CSV that a spreadsheet opens right and runs nothing of, and JSON."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from coach.csv_import.guarding import guarded
from coach.csv_import.headers import GENERATIONS, Form, Generation, Kind
from coach.csv_import.rows import Row
from coach.exporting.columns import FORM, Column
from coach.exporting.tables import THIS_FORM, Cell, Record, Table

BOM = "\ufeff"  # without it spreadsheets read UTF-8 as something else
# Of each kind the form that has every column.
FORMS = {kind: next(it for it in GENERATIONS if it.kind is kind) for kind in Kind}


def table_as_csv(table: Table, pages: Iterable[Sequence[Record]]) -> Iterator[bytes]:
    """Write a table: its titles at once, then its rows page by page."""
    yield (BOM + _lines([[column.name for column in table.columns]])).encode()
    for records in filter(None, pages):
        yield _lines(_cells(table.columns, record) for record in records).encode()


def whoop_file(kind: Kind, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Write one of WHOOP's own four files."""
    form = FORMS[kind]
    yield _lines([[column.title for column in form.columns]], newline="\n").encode()
    for rows in filter(None, pages):
        yield _lines((_whoop_cells(form, row) for row in rows), newline="\n").encode()


def tables_as_json(
    tables: Iterable[tuple[Table, Iterable[Sequence[Record]]]], *, made_at: datetime
) -> Iterator[bytes]:
    """Write all tables as one object; texts stand in it as they are."""
    yield json.dumps({FORM.name: THIS_FORM, "made_at": _plain(made_at)})[:-1].encode()
    for table, pages in tables:
        yield f',\n"{table.name}": ['.encode()
        comma = ""
        for records in pages:
            lines = (json.dumps(_object(table, it), ensure_ascii=False) for it in records)
            for line in lines:
                yield f"{comma}\n{line}".encode()
                comma = ","
        yield b"\n]"
    yield b"\n}\n"


def _lines(rows: Iterable[Sequence[str]], *, newline: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline).writerows(rows)
    return text.getvalue()


def _cells(columns: Sequence[Column], record: Record) -> list[str]:
    return [_cell(record.get(column.name)) for column in columns]


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return guarded(value)
        case list():
            return " ".join(value)
        case _:
            return str(_plain(value))


def _object(table: Table, record: Record) -> dict[str, object]:
    named = (column.name for column in table.columns if column is not FORM)
    return {name: _plain(record.get(name)) for name in named}


def _plain(value: Cell) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _whoop_cells(form: Generation, row: Row) -> list[str]:
    return [
        _whoop_cell(column.form, getattr(row, column.field), row.offset_minutes)
        for column in form.columns
    ]


def _whoop_cell(form: Form, value: object, offset_minutes: int) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return f"{value.astimezone(UTC) + timedelta(minutes=offset_minutes):%Y-%m-%d %H:%M:%S}"
        case int() | float():
            return _offset(int(value)) if form is Form.OFFSET else _decimal(value)
        case _:
            return guarded(str(value))


def _decimal(value: float) -> str:
    """Write a number without an exponent, as exact as the importer reads it."""
    return f"{value:.12f}".rstrip("0").rstrip(".")


def _offset(minutes: int) -> str:
    if minutes == 0:
        return "UTCZ"
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
