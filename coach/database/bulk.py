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
    if not rows:
        return
    news = ", ".join(
        f'"{name}" = "{table}"."{name}" + 1' if name == counter else f'"{name}" = EXCLUDED."{name}"'
        for name in rows[0]
        if name not in key
    )
    statement = f"{_insert(table, rows[0])} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {news}"
    session.execute(text(statement), {"rows": json.dumps(rows)})


def _insert(table: str, row: Row) -> str:
    columns = ", ".join(f'"{name}"' for name in row)
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
        f' FROM jsonb_populate_recordset(NULL::"{table}", CAST(:rows AS jsonb))'
    )
