"""Write many rows with one statement: they travel as one JSON array that PostgreSQL unfolds.

Works under forced row-level security, where COPY into the table itself is refused.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeAlias

from pydantic_core import to_json
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

Row = dict[str, object]
Columns: TypeAlias = tuple[str, ...]
# SQL with named parameters, and their values.
Statement: TypeAlias = tuple[str, dict[str, object]]


def insert_rows(session: Session, table: str, rows: Sequence[Row]) -> None:
    """Insert rows; all have the same columns."""
    if rows:
        _run(session, *insertion(table, rows))


def upsert_rows(
    session: Session, table: str, rows: Sequence[Row], *, key: Sequence[str], counter: str = ""
) -> None:
    """Insert rows or replace those with the same key; `counter` counts the replacements."""
    if rows:
        _run(session, *replacement(table, rows, key=key, counter=counter))


def upsert_changed(
    session: Session, table: str, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Insert rows or replace those with the same key, but write none that stands there just so."""
    if rows:
        _run(session, *correction(table, rows, key=key))


def insertion(table: str, rows: Sequence[Row]) -> Statement:
    """Give the statement that inserts rows."""
    return _insert(table, tuple(rows[0])), _told(rows)


def replacement(
    table: str, rows: Sequence[Row], *, key: Sequence[str], counter: str = ""
) -> Statement:
    """Give the statement that inserts rows or replaces those with the same key."""
    return _upsert(table, tuple(rows[0]), tuple(key), counter), _told(rows)


def correction(table: str, rows: Sequence[Row], *, key: Sequence[str]) -> Statement:
    """Give the statement that writes of rows what does not stand there just so."""
    return _upsert_changed(table, tuple(rows[0]), tuple(key)), _told(rows)


def _told(rows: Sequence[Row]) -> dict[str, object]:
    return {"rows": to_json(rows).decode()}


def _run(session: Session, statement: str, values: Mapping[str, object]) -> None:
    session.execute(_prepared(statement), values)


@cache
def _prepared(statement: str) -> TextClause:
    return text(statement)


@cache
def _upsert_changed(table: str, row: Columns, key: Columns) -> str:
    names = [name for name in row if name not in key]
    stored, told = (", ".join(f'{of}."{name}"' for name in names) for of in (table, "EXCLUDED"))
    return f"{_upsert(table, row, key)} WHERE ({stored}) IS DISTINCT FROM ({told})"


@cache
def _upsert(table: str, row: Columns, key: Columns, counter: str = "") -> str:
    news = ", ".join(
        f'"{name}" = "{table}"."{name}" + 1' if name == counter else f'"{name}" = EXCLUDED."{name}"'
        for name in row
        if name not in key
    )
    return f"{_insert(table, row)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {news}"


@cache
def _insert(table: str, row: Columns) -> str:
    columns = ", ".join(f'"{name}"' for name in row)
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
        f' FROM jsonb_populate_recordset(NULL::"{table}", CAST(:rows AS jsonb))'
    )
