"""The clients a list of mornings shows; of what nobody asked for nothing is read.

In the order of names the database cuts the page, and only its clients are read at all. In any other
order everybody has to be known before anybody is the first.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.alerts import reading as alerts
from coach.dashboard.roster import in_bucket, order_of
from coach.dashboard.roster_people import Person, people
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.days.calendar import today
from coach.insights import summary
from coach.insights.morning import Morning

ALERTS, LINKS = "alerts", frozenset({"link", "last_sync"})


@dataclass(frozen=True, slots=True)
class Row:
    """One client on one day, as the caller sees them."""

    person: Person
    morning: Morning
    alerts: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, when, and for which fields."""

    viewer: Viewer
    now: datetime
    fields: Collection[str]

    def page(self, wanted: Wanted, *, rows: int) -> tuple[Sequence[Row], bool]:
        """Gather a page, and tell whether another follows."""
        first, chosen = (wanted.page - 1) * rows, _named(self.viewer.clients(), wanted.search)
        if wanted.sort is Sort.NAME and wanted.bucket is Bucket.ALL:
            cut = chosen.order_by(func.lower(Client.name), Client.id).offset(first).limit(rows + 1)
            found = self._rows(self._people(cut), wanted.day)
            return found[:rows], len(found) > rows
        everybody = self._rows(self._people(chosen), wanted.day)
        listed = [row for row in everybody if in_bucket(row.morning, wanted.bucket)]
        place = order_of(wanted)
        ordered = sorted(listed, key=lambda row: place(row.morning, row.person.name))
        return ordered[first : first + rows], len(ordered) > first + rows

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


def _named(chosen: Select[Client], search: str) -> Select[Client]:
    return chosen.where(Client.name.icontains(search, autoescape=True)) if search else chosen
