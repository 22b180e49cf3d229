"""A client whose days are recorded by hand, and who acts as their organisation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import pytest
from flask import Flask

from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.metrics import Source
from coach.days.models import StaleDays
from coach.extensions import db
from coach.insights import refresh
from coach.insights.models import BurnoutScore, Insight
from tests.cast import Cast, Somebody
from tests.insights.lives import NOON, Made, record

Rows = TypeVar("Rows", Insight, BurnoutScore, StaleDays)
OURS = {"created_at", "updated_at"}


@dataclass(frozen=True)
class Client:
    """One client in one transaction."""

    who: Somebody

    @property
    def id(self) -> UUID:
        assert self.who.client_id
        return self.who.client_id

    def lives(self, made: Made | None = None) -> None:
        record(self.who, made or Made())

    def hush(self, day: date) -> None:
        """Let WHOOP say nothing of a day any more."""
        store.record(self.id, Source.WHOOP, {}, silent=[day])

    def refresh(self, *, now: datetime = NOON) -> int:
        return refresh.refresh(self.id, now=now)

    def rebuild(self) -> int:
        return refresh.rebuild(self.id, now=NOON)

    def insights(self) -> dict[date, Insight]:
        return {row.date: row for row in self._rows(Insight)}

    def stored(self) -> list[dict[str, object]]:
        """Give every row of both tables as columns, but for when they were written."""
        return [
            {name: getattr(row, name) for name in set(row.__mapper__.columns.keys()) - OURS}
            for row in [*self._rows(Insight), *self._rows(BurnoutScore)]
        ]

    def mark(self) -> tuple[date, int] | None:
        found = self._rows(StaleDays)
        return (found[0].since, found[0].changes) if found else None

    def _rows(self, table: type[Rows]) -> list[Rows]:
        mine = db.select(table).where(table.client_id == self.id)
        chosen = mine.order_by(*table.__mapper__.primary_key)
        return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


@pytest.fixture
def bea(app: Flask, cast: Cast) -> Iterator[Client]:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        yield Client(cast.bea)
        db.session.rollback()
        db.session.remove()
