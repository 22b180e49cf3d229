"""Write many rows with one statement: they travel as one JSON array that PostgreSQL unfolds.

Works under forced row-level security, where COPY into the table itself is refused.
"""

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

Row = dict[str, object]


def insert_rows(session: Session, table: str, rows: Sequence[Row]) -> None:
    """Insert rows; all have the same columns."""
    if rows:
        session.execute(text(_insert(table, rows[0])), {"rows": json.dumps(rows)})


def upsert_rows(
    session: Session, table: str, rows: Sequence[Row], *, key: Sequence[str], counter: str = ""
) -> None:
    """Insert rows or replace those with the same key; `counter` counts the replacements."""
    if rows:
        session.execute(text(_upsert(table, rows[0], key, counter)), {"rows": json.dumps(rows)})


def upsert_changed(
    session: Session, table: str, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Insert rows or replace those with the same key, but write none that stands there just so."""
    if not rows:
        return
    names = [name for name in rows[0] if name not in key]
    stored, told = (", ".join(f'{of}."{name}"' for name in names) for of in (table, "EXCLUDED"))
    statement = f"{_upsert(table, rows[0], key)} WHERE ({stored}) IS DISTINCT FROM ({told})"
    session.execute(text(statement), {"rows": json.dumps(rows)})


def _upsert(table: str, row: Row, key: Sequence[str], counter: str = "") -> str:
    news = ", ".join(
        f'"{name}" = "{table}"."{name}" + 1' if name == counter else f'"{name}" = EXCLUDED."{name}"'
        for name in row
        if name not in key
    )
    return f"{_insert(table, row)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {news}"


def _insert(table: str, row: Row) -> str:
    columns = ", ".join(f'"{name}"' for name in row)
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
        f' FROM jsonb_populate_recordset(NULL::"{table}", CAST(:rows AS jsonb))'
    )
