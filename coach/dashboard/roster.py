"""Everything the client list shows, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.sharing import fields_of
from coach.days.calendar import today
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import Integration

SPARK_DAYS = 14
SHOWN = ("recovery_score", "strain", "sleep_hours", "hrv", "resting_heart_rate")


class Sort(StrEnum):
    """What the roster can be ordered by."""

    NAME = "name"
    RECOVERY = "recovery"
    STRAIN = "strain"
    SLEEP = "sleep"
    HRV = "hrv"
    RESTING = "rhr"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the roster is asked for; every state of the page has its address."""

    search: str = ""
    sort: Sort = Sort.NAME
    descending: bool = False

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Self:
        """Read an address; what it says wrongly is as if it said nothing."""
        asked = args.get("sort", "")
        known = asked.removeprefix("-") in set(Sort)
        return cls(
            search=args.get("q", "").replace("\0", "").strip()[:100],  # PostgreSQL holds no NUL
            sort=Sort(asked.removeprefix("-")) if known else Sort.NAME,
            descending=known and asked.startswith("-"),
        )


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One client as the coach sees them: only fields they may see have values."""

    id: UUID
    name: str
    shares: frozenset[FieldGroup]
    values: Mapping[str, float | None] = field(default_factory=dict)
    spark: tuple[float | None, ...] = ()
    on: date | None = None
    is_today: bool = False
    provisional: bool = False
    link: str | None = None
    last_sync: datetime | None = None


def for_viewer(viewer: Viewer, wanted: Wanted, *, now: datetime) -> list[RosterRow]:
    """Gather the rows in the order asked for; four statements, whatever the number of clients."""
    chosen = viewer.clients()
    if wanted.search:
        chosen = chosen.where(Client.name.icontains(wanted.search, autoescape=True))
    clients = list(db.session.scalars(chosen))
    ids = [client.id for client in clients]
    shared = viewer.shared(ids)
    logs = _recent(viewer, ids, since=now.date() - timedelta(days=SPARK_DAYS + 1))
    links = _links(viewer, ids)
    rows = [
        _row(client, shared[client.id], logs[client.id], links.get(client.id), now=now)
        for client in clients
    ]
    return sorted(rows, key=_order(wanted), reverse=wanted.descending)


def _row(
    client: Client,
    shares: frozenset[FieldGroup],
    logs: list[DailyLog],
    link: Integration | None,
    *,
    now: datetime,
) -> RosterRow:
    visible = fields_of(shares)
    here = today(now, client.timezone)
    known = [log for log in logs if log.date <= here and _says_something(log, visible)]
    newest = known[-1] if known else None
    by_date = {log.date: log for log in known}
    dates = [here - timedelta(days=back) for back in reversed(range(SPARK_DAYS))]
    return RosterRow(
        id=client.id,
        name=client.name,
        shares=shares,
        values={name: _seen(newest, name, visible) for name in SHOWN},
        spark=tuple(_seen(by_date.get(day), "recovery_score", visible) for day in dates),
        on=newest.date if newest else None,
        is_today=newest is not None and newest.date == here,
        provisional=newest is not None and newest.state == "provisional",
        link=link.status if link else None,
        last_sync=link.last_sync if link else None,
    )


def _says_something(log: DailyLog, visible: frozenset[str]) -> bool:
    return any(name in visible and getattr(log, name) is not None for name in SHOWN)


def _seen(log: DailyLog | None, name: str, visible: frozenset[str]) -> float | None:
    value: float | None = getattr(log, name) if log is not None and name in visible else None
    return value


def _recent(viewer: Viewer, ids: list[UUID], *, since: date) -> dict[UUID, list[DailyLog]]:
    found: dict[UUID, list[DailyLog]] = defaultdict(list)
    for log in db.session.scalars(
        select(DailyLog)
        .where(
            DailyLog.organisation_id == viewer.organisation_id,
            DailyLog.client_id.in_(ids),
            DailyLog.date >= since,
        )
        .order_by(DailyLog.date)
    ):
        found[log.client_id].append(log)
    return found


def _links(viewer: Viewer, ids: list[UUID]) -> dict[UUID, Integration]:
    links = db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == viewer.organisation_id, Integration.client_id.in_(ids)
        )
    )
    return {link.client_id: link for link in links}


def _order(wanted: Wanted) -> Callable[[RosterRow], tuple[bool, float, str]]:
    """Order by a value, people without one always last, ties by name."""
    names = {
        Sort.RECOVERY: "recovery_score",
        Sort.STRAIN: "strain",
        Sort.SLEEP: "sleep_hours",
        Sort.HRV: "hrv",
        Sort.RESTING: "resting_heart_rate",
    }

    def key(row: RosterRow) -> tuple[bool, float, str]:
        value = row.values.get(names.get(wanted.sort, ""))
        missing = wanted.sort is not Sort.NAME and value is None
        return missing is not wanted.descending, value or 0.0, row.name.casefold()

    return key
