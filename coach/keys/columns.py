"""The register of sealed columns: where they are and for which place each row was sealed.

Tests hold it against the schema and against what the application really seals.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Connection, text

Row: TypeAlias = dict[str, str]
PAGE = 500
NOBODY = str(UUID(int=0))
JSON, TEXT = "jsonb", "varchar"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose values are sealed; `place` is filled with columns of the same row."""

    table: str
    column: str
    key: tuple[str, ...]
    place: str
    type: str = TEXT  # a JSON column is a list of objects with a key "sealed"

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    def place_of(self, row: Row) -> str:
        """Say for which place a row was sealed."""
        return self.place.format(**row)

    def values_in(self, stored: str) -> list[str]:
        """List the sealed values of one row."""
        if self.type == TEXT:
            return [stored]
        return [each["sealed"] for each in json.loads(stored)]

    def with_values(self, stored: str, change: Callable[[str], str]) -> str:
        """Give what is stored with each sealed value changed."""
        if self.type == TEXT:
            return change(stored)
        kept = json.loads(stored)
        return json.dumps([each | {"sealed": change(each["sealed"])} for each in kept])


_OF_LINK = ("organisation_id", "integration_id")
_ROW = ("organisation_id", "id")

SEALED = (
    SealedColumn(
        "integration_tokens",
        "access_token",
        _OF_LINK,
        "{organisation_id}/{integration_id}/access_token",
    ),
    SealedColumn(
        "integration_tokens",
        "refresh_token",
        _OF_LINK,
        "{organisation_id}/{integration_id}/refresh_token",
    ),
    SealedColumn("farewells", "access_token", _ROW, "farewells/{id}/access_token"),
    SealedColumn("farewells", "refresh_token", _ROW, "farewells/{id}/refresh_token"),
    SealedColumn("oauth_states", "sealed_data", _ROW, "oauth_states/{state_hash}"),
    SealedColumn("mfa", "secret", ("user_id",), "mfa/{user_id}/secret"),
    SealedColumn("whoop_apps", "sealed_secrets", ("id",), "whoop_apps/{id}/secret", JSON),
)


def rows_of(connection: Connection, column: SealedColumn) -> Iterator[list[Row]]:
    """Read a sealed column page by page, over all organisations; `stored` is its value.

    The connection's role must see every row. Nothing is locked.
    """
    statement, after = text(_page(column)), dict.fromkeys(column.key, NOBODY)
    while True:
        page = [
            {name: str(value) for name, value in row.items()}
            for row in connection.execute(statement, after).mappings()
        ]
        connection.rollback()
        if not page:
            return
        yield page
        after = {name: page[-1][name] for name in column.key}


def _page(column: SealedColumn) -> str:
    wanted = {*column.key, *(name for _, name, _, _ in Formatter().parse(column.place) if name)}
    names, key = ", ".join(sorted(wanted)), ", ".join(column.key)
    after = ", ".join(f"CAST(:{name} AS uuid)" for name in column.key)
    return (
        f"SELECT {names}, {column.column}::text AS stored FROM {column.table}"  # noqa: S608  # ours
        f" WHERE {column.column} IS NOT NULL AND ({key}) > ({after}) ORDER BY {key} LIMIT {PAGE}"
    )
