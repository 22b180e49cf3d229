"""Everything the roster shows, in a constant number of statements."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Select

from coach.accounts import groups
from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.alerts import reading as alerts
from coach.dashboard.roster_group import Group, group_of
from coach.dashboard.roster_people import Link, people
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.days.calendar import today
from coach.insights import summary
from coach.insights.morning import Dated, HrvMorning, Morning

PAGE_ROWS = 60


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One client as the viewer sees them on `day`; `here` is the client's own today.

    `is_mine` tells whether the viewer coaches the client and may act; `link` is None where
    this installation does without WHOOP.
    """

    id: UUID
    name: str
    day: date
    here: date
    morning: Morning
    link: Link | None
    is_mine: bool
    alerts: int  # that wait for the viewer

    @property
    def day_before(self) -> date:
        """Name the day whose strain is the newest whole one."""
        return self.day - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Roster:
    """One page of rows in the order asked for, with counts of everybody who was searched for."""

    rows: Sequence[RosterRow]
    listed: int
    pages: int
    counts: Mapping[Bucket, int]
    group: Group
    wanted: Wanted

    @property
    def mark(self) -> str:
        """Name what is shown, so that a page which asks again is told whether it has changed."""
        # A set is written in another order by each process; what is shared shows in the values.
        shown = [replace(row, morning=_without_shares(row.morning)) for row in self.rows]
        said = repr((shown, self.listed, self.counts, self.group, self.wanted))
        return sha256(said.encode()).hexdigest()[:24]


def for_viewer(
    viewer: Viewer, wanted: Wanted, *, now: datetime, page_rows: int | None = None
) -> Roster:
    """Gather the rows asked for."""
    chosen = groups.of_coach(groups.of_group(viewer.clients(), wanted.group), wanted.coach)
    if wanted.search:
        chosen = chosen.where(Client.name.icontains(wanted.search, autoescape=True))
    everybody = _rows(viewer, chosen, wanted.day, now=now)
    listed = [row for row in everybody if in_bucket(row.morning, wanted.bucket)]
    place = order_of(wanted)
    ordered = sorted(
        listed, key=lambda row: place(row.morning, row.name), reverse=wanted.descending
    )
    page_rows = page_rows or PAGE_ROWS
    pages = max(-(-len(ordered) // page_rows), 1)
    page = min(wanted.page, pages)
    mornings = [row.morning for row in everybody]
    return Roster(
        rows=ordered[(page - 1) * page_rows : page * page_rows],
        listed=len(ordered),
        pages=pages,
        counts={bucket: sum(in_bucket(each, bucket) for each in mornings) for bucket in Bucket},
        group=group_of(mornings),
        wanted=replace(wanted, page=page),
    )


def of_client(viewer: Viewer, client: Client, day: date | None, *, now: datetime) -> RosterRow:
    """Gather the row of one client whom the viewer has found."""
    (row,) = _rows(viewer, viewer.clients().where(Client.id == client.id), day, now=now)
    return row


def in_bucket(morning: Morning, bucket: Bucket) -> bool:
    """Tell whether somebody belongs to those asked for."""
    match bucket:
        case Bucket.ATTENTION:
            return morning.needs_attention
        case Bucket.LOW_RECOVERY:
            return morning.low_recovery
        case Bucket.NO_DATA:
            return morning.no_data
        case Bucket.ALL:
            return True


def _rows(
    viewer: Viewer, chosen: Select[Client], asked: date | None, *, now: datetime
) -> list[RosterRow]:
    clients = people(chosen)
    here = {client.id: today(now, client.timezone) for client in clients}
    days = {each: min(asked or day, day) for each, day in here.items()}
    mornings, mine = summary.mornings(days, by=viewer), viewer.coached(days)
    waiting = Counter(alert.client_id for alert in alerts.open_ones(viewer))
    return [
        RosterRow(
            id=client.id,
            name=client.name,
            day=days[client.id],
            here=here[client.id],
            morning=mornings[client.id],
            link=client.link,
            is_mine=client.id in mine,
            alerts=waiting[client.id],
        )
        for client in clients
    ]


def _without_shares(morning: Morning) -> Morning:
    return replace(morning, shares=frozenset())


def order_of(wanted: Wanted) -> Callable[[Morning, str], tuple[bool, float, str]]:
    """Order by a value, people without one always last, ties by name."""
    value = _VALUES[wanted.sort]

    def place(morning: Morning, name: str) -> tuple[bool, float, str]:
        known = value(morning)
        return (known is None) != wanted.descending, known or 0.0, name.casefold()

    return place


def _dated(shown: object) -> float | None:
    return shown.value if isinstance(shown, Dated) else None


def _week(morning: Morning) -> float | None:
    return morning.hrv.week.value if isinstance(morning.hrv, HrvMorning) else None


_VALUES: Mapping[Sort, Callable[[Morning], float | None]] = {
    Sort.NEED: lambda it: -it.need,
    Sort.NAME: lambda _: 0,
    Sort.RECOVERY: lambda it: _dated(it.recovery),
    Sort.HRV: _week,
    Sort.RESTING: lambda it: _dated(it.resting_heart_rate),
    Sort.SLEEP: lambda it: _dated(it.night),
    Sort.STRAIN: lambda it: _dated(it.strain_yesterday),
}
