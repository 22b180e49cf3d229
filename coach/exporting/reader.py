"""Reads one client's data page by page, while the answer is under way.

Each page is a short transaction of its own: between two of them the download may be as slow as it
likes, without a connection kept or a whole table in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask import Flask

from coach.csv_import.headers import Kind
from coach.csv_import.rows import Row
from coach.database.tenancy import acting_for
from coach.exporting import whoop_rows
from coach.exporting.tables import Place, Record, Table


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose data is read; whoever makes one has made sure that it may be."""

    app: Flask
    organisation_id: UUID
    client_id: UUID

    def pages(self, table: Table) -> Iterator[list[Record]]:
        """Give the rows of a table, oldest first."""
        place: Place | None = None
        while True:
            with self._inside():
                records, place = table.page(self.client_id, place)
            yield records
            if place is None:
                return

    def whoop_pages(self, kind: Kind) -> Iterator[list[Row]]:
        """Give the rows of one of WHOOP's files, oldest first."""
        with self._inside():
            stretches = whoop_rows.stretches(self.client_id)
        for stretch in stretches:
            with self._inside():
                rows = whoop_rows.rows(self.client_id, stretch, kind)
            yield rows

    @contextmanager
    def _inside(self) -> Iterator[None]:
        # Never around a `yield` to the server: what holds for this thread must hold for us alone.
        with self.app.app_context(), acting_for(self.organisation_id):
            yield
