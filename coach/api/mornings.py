"""The clients a list of mornings shows; of what nobody asked for nothing is read.

In the order of names the database cuts the page, and only its clients are read at all. In any other
order everybody has to be known before anybody is the first.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, func, tuple_

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.alerts import reading as alerts
from coach.api import places
from coach.api.places import Place
from coach.dashboard.roster import in_bucket, order_of
from coach.dashboard.roster_people import Person, people
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.days.calendar import today
from coach.insights import summary
from coach.insights.morning import Morning

ALERTS, LINKS = "alerts", frozenset({"link", "last_sync"})
_BY_NAME = (func.lower(Client.name), Client.id)


@dataclass(frozen=True, slots=True)
class Row:
    """One client on one day, as the caller sees them."""

    person: Person
    morning: Morning
    alerts: int


Page: TypeAlias = tuple[Sequence[Row], Place | None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, when, and for which fields."""

    viewer: Viewer
    now: datetime
    fields: Collection[str]

    def page(self, wanted: Wanted, *, behind: Place | None, rows: int) -> Page:
        """Gather a page behind a place, and the place of its last row if another follows."""
        chosen = _named(self.viewer.clients(), wanted.search)
        if wanted.sort is Sort.NAME and wanted.bucket is Bucket.ALL:
            cut = _behind(chosen, behind).order_by(*_BY_NAME).limit(rows + 1)
            return places.page(
                self._rows(self._people(cut), wanted.day), _name, behind=None, limit=rows
            )
        everybody = self._rows(self._people(chosen), wanted.day)
        value = order_of(wanted)

        def place(row: Row) -> Place:
            return (*value(row.morning, row.person.name), str(row.person.id))

        listed = [row for row in everybody if in_bucket(row.morning, wanted.bucket)]
        return places.page(sorted(listed, key=place), place, behind=behind, limit=rows)

    def one(self, client: Client) -> Row:
        """Gather the row of one client whom the caller has found."""
        mine = self.viewer.clients().where(Client.id == client.id)
        (row,) = self._rows(self._people(mine), None)
        return row

    def _rows(self, people: Sequence[Person], asked: date | None) -> list[Row]:
        here = {each.id: today(self.now, each.timezone) for each in people}
        days = {each: min(asked or day, day) for each, day in here.items()}
        mornings = summary.mornings(days, by=self.viewer)
        told = alerts.open_ones(self.viewer) if ALERTS in self.fields else ()
        waiting = Counter(alert.client_id for alert in told)
        return [Row(each, mornings[each.id], waiting[each.id]) for each in people]

    def _people(self, chosen: Select[Client]) -> list[Person]:
        return people(chosen, with_links=not LINKS.isdisjoint(self.fields))


def _name(row: Row) -> Place:
    return row.person.name, str(row.person.id)


def _behind(chosen: Select[Client], place: Place | None) -> Select[Client]:
    """Leave out who stands up to a place in the order of names, as the database orders them."""
    if place is None:
        return chosen
    name, client_id = place
    return chosen.where(tuple_(*_BY_NAME) > tuple_(func.lower(str(name)), UUID(str(client_id))))


def _named(chosen: Select[Client], search: str) -> Select[Client]:
    return chosen.where(Client.name.icontains(search, autoescape=True)) if search else chosen
