"""What a rule would have told on the last 30 days; as many statements for any number of clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.alerts import facts
from coach.alerts.rules import A_DAY, Firing, Rule, expected_a_week, raised
from coach.days.calendar import today
from coach.extensions import db
from coach.science.baseline import PERSISTS_OF

PREVIEW_DAYS = 30
# Bars of whole weeks, the newest last; the oldest has the two days left over.
WEEKS = 5


@dataclass(frozen=True, slots=True)
class OfClient:
    """The alerts a client would have raised, newest first."""

    id: UUID
    name: str
    alerts: Sequence[tuple[date, Firing]]


@dataclass(frozen=True, slots=True)
class Preview:
    """Alerts of 30 days by client and by week, and how many chance alone makes expect a week."""

    clients: int
    expected: float
    people: Sequence[OfClient]
    weeks: Sequence[tuple[date, int]]

    @property
    def alerts(self) -> int:
        """Count them all."""
        return sum(len(each.alerts) for each in self.people)


def preview(rule: Rule, *, by: Viewer, now: datetime) -> Preview:
    """Go through the last 30 days of everybody the viewer coaches, by what is shared with them."""
    clients = _coached(by)
    here = {client.id: today(now, client.timezone) for client in clients}
    known = facts.histories(here, days=PREVIEW_DAYS + PERSISTS_OF)
    shares = by.shared(list(here))
    people = [
        OfClient(each.id, each.name, raised(rule, known[each.id], days, shares[each.id])[::-1])
        for each in clients
        if (days := _days(here[each.id]))
    ]
    told = sorted((each for each in people if each.alerts), key=_rank)
    return Preview(
        clients=len(clients),
        expected=expected_a_week(rule, len(clients)),
        people=told,
        weeks=_weeks(told, max(here.values(), default=now.date())),
    )


def _coached(by: Viewer) -> Sequence[Client]:
    known = list(db.session.scalars(by.clients()))
    mine = by.coached([client.id for client in known])
    return [client for client in known if client.id in mine]


def _days(last: date) -> list[date]:
    return [last - A_DAY * back for back in reversed(range(PREVIEW_DAYS))]


def _rank(one: OfClient) -> tuple[int, str]:
    return -len(one.alerts), one.name.casefold()


def _weeks(people: Sequence[OfClient], last: date) -> list[tuple[date, int]]:
    """Count by weeks that end on the last day, each named by its first."""
    counts = [0] * WEEKS
    for one in people:
        for day, _ in one.alerts:
            counts[min((last - day).days // 7, WEEKS - 1)] += 1
    starts = [last - timedelta(days=7 * back + 6) for back in range(WEEKS)]
    return list(zip(starts, counts, strict=True))[::-1]
