"""Everything one client's page shows, as one coach may see it."""

from collections.abc import Mapping
from dataclasses import dataclass

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.sharing import fields_of
from coach.alerts import reading as alerts
from coach.alerts.reading import Told
from coach.dashboard import client_charts, client_reading, client_signals
from coach.dashboard.client_board import Board, Panel
from coach.dashboard.client_compare import Compared, compare
from coach.dashboard.client_range import Range
from coach.dashboard.client_reading import TABLE, Known, Log
from coach.dashboard.client_signals import Why
from coach.extensions import settings
from coach.insights.refresh import KEPT_DAYS
from coach.whoop.screens import sync_health

# More rows than a month has days are nothing to read; the charts' tables and the CSV have more.
MOST_ROWS = 31


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A client over the days of a range; `hidden` names what they do not share."""

    client: Client
    shares: frozenset[FieldGroup]
    hidden: list[FieldGroup]
    shown: Range
    panels: list[Panel]
    compared: list[Compared]
    columns: list[str]
    rows: list[Log]
    why: Why | None
    alerts: list[Told]
    link: sync_health.Row | None
    is_mine: bool  # the viewer coaches them, and may correct a day

    @property
    def alert_of(self) -> Mapping[str, Told]:
        """Name the alerts that tell what stands out anyway, by sign: nothing is said twice.

        Alerts are of today; beside what stood out on an older day they speak for themselves.
        """
        if self.why is None or self.shown.last < self.shown.newest:
            return {}
        said = {signal.name.value for signal in self.why.signals}
        return {each.sign: each for each in self.alerts if each.sign in said}

    @property
    def other_alerts(self) -> list[Told]:
        return [each for each in self.alerts if each.sign not in self.alert_of]

    @property
    def uncompared_for(self) -> int | None:
        """Tell for how many days comparisons are kept, where these days are older."""
        age = (self.shown.newest - self.shown.last).days
        return KEPT_DAYS if self.shares and age >= KEPT_DAYS else None


def for_viewer(viewer: Viewer, client: Client, shown: Range) -> ClientPage:
    """Gather charts, signals and the newest days of a range; as many statements for any range."""
    shares = viewer.shared([client.id])[client.id]
    known = client_reading.known(viewer, client, shares, shown)
    found = client_reading.insight(viewer, client, shown) if shares else None
    return ClientPage(
        client=client,
        shares=shares,
        hidden=[group for group in FieldGroup if group not in shares],
        shown=shown,
        panels=client_charts.panels(Board.of(known, shown), shares),
        compared=compare(known, shown),
        columns=[name for name in TABLE if name in fields_of(shares)],
        rows=_newest(known, shown),
        why=client_signals.why(found, shares),
        alerts=alerts.of_client(viewer, client.id),
        link=_link(viewer, client),
        is_mine=bool(viewer.coached([client.id])),
    )


def _newest(known: Known, shown: Range) -> list[Log]:
    days = [known.logs[day] for day in shown.dates if day in known.logs]
    return [log for log in reversed(days) if log.sources][:MOST_ROWS]


def _link(viewer: Viewer, client: Client) -> sync_health.Row | None:
    """Say how the link stands, which a client's coaches and owners may know."""
    switched_on = settings().feature_whoop_integration
    return sync_health.of_client(client, by=viewer) if switched_on else None
