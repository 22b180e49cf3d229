"""Writes of one transaction that do not build on each other, sent as one statement.

Each of them sees what was there before all of them, and no two may touch the same row.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from coach.database import bulk
from coach.database.bulk import Row

_NAME = re.compile(r"(?<!:):([a-z]\w*)")


class Writes:
    """Gathers INSERTs, UPDATEs and DELETEs in SQL with named parameters."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: dict[str, object] = {}

    def add(self, statement: str, values: Mapping[str, object]) -> None:
        """Add a write."""
        number = len(self._statements)
        self._statements.append(statement)
        self._values |= {f"{name}_{number}": value for name, value in values.items()}

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows as `bulk.insert_rows`."""
        if rows:
            self.add(*bulk.insertion(table, rows))

    def upsert(
        self, table: str, rows: Sequence[Row], *, key: Sequence[str], counter: str = ""
    ) -> None:
        """Insert or replace rows as `bulk.upsert_rows`."""
        if rows:
            self.add(*bulk.replacement(table, rows, key=key, counter=counter))

    def upsert_changed(self, table: str, rows: Sequence[Row], *, key: Sequence[str]) -> None:
        """Insert or replace rows that differ as `bulk.upsert_changed`."""
        if rows:
            self.add(*bulk.correction(table, rows, key=key))

    def send(self, session: Session) -> None:
        """Send all of them in one round trip."""
        if self._statements:
            session.execute(_joined(tuple(self._statements)), self._values)


@cache
def _joined(statements: tuple[str, ...]) -> TextClause:
    parts = ", ".join(map(_numbered, range(len(statements)), statements))
    return text(f"WITH {parts} SELECT 1")


def _numbered(number: int, statement: str) -> str:
    named = _NAME.sub(rf":\1_{number}", statement)
    return f"write_{number} AS ({named})"
