"""Two periods of a client side by side: means, how many days are behind them, gaps and lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from coach.accounts import audit
from coach.accounts.access import Viewer, coaches_only, viewer
from coach.accounts.models import Client, FieldGroup
from coach.dashboard import client_reading
from coach.dashboard.client_compare import Compared, periods
from coach.dashboard.client_range import Range
from coach.dashboard.client_reading import Known
from coach.days.calendar import today
from coach.web.scales import Scale, scale_of
from coach.web.sparklines import Sparkline, sparkline
from coach.work.leases import now

bp = Blueprint("client_periods", __name__, url_prefix="/dashboard/clients/<uuid:client_id>")


@dataclass(frozen=True, slots=True)
class Period:
    """A range and so many of its days of which nothing is known."""

    shown: Range
    empty: int


@dataclass(frozen=True, slots=True)
class Row:
    """One metric over both periods; both lines stand on one scale."""

    compared: Compared
    lines: tuple[Sparkline, Sparkline]


@dataclass(frozen=True, slots=True)
class Periods:
    """What the page shows; what is not shared is left out and in `hidden`."""

    client: Client
    shares: frozenset[FieldGroup]
    hidden: list[FieldGroup]
    now: Period
    before: Period
    rows: Sequence[Row]

    @property
    def shown(self) -> Range:
        return self.now.shown


@bp.get("/comparison")
@coaches_only
def show(client_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = looking.client_or_404(client_id)
    newest = today(now(), found.timezone)
    shown = Range.read(request.args, newest=newest)
    typed = {name: request.args.get(f"with_{name}", "") for name in ("from", "to")}
    against = Range.read(typed, newest=newest) if all(typed.values()) else shown.before
    gathered = for_viewer(looking, found, shown, against)
    audit.viewed("comparison", found.id, gathered.shares, by=looking.user_id)
    return render_template("dashboard/client_periods.html", page=gathered)


def for_viewer(looking: Viewer, client: Client, shown: Range, against: Range) -> Periods:
    """Gather both periods; as many statements for any."""
    shares = looking.shared([client.id])[client.id]
    here, there = (
        (client_reading.known(looking, client, shares, each), each) for each in (shown, against)
    )
    return Periods(
        client=client,
        shares=shares,
        hidden=[group for group in FieldGroup if group not in shares],
        now=_period(*here),
        before=_period(*there),
        rows=[Row(each, _lines(each.name, here, there)) for each in periods(here, there)],
    )


def _period(known: Known, shown: Range) -> Period:
    days = [known.logs.get(day) for day in shown.dates]
    return Period(shown, sum(log is None or not log.values for log in days))


def _lines(
    name: str, now: tuple[Known, Range], before: tuple[Known, Range]
) -> tuple[Sparkline, Sparkline]:
    mine, others = (_values(name, *each) for each in (now, before))
    scale = scale_of([*mine, *others])
    return _line(mine, scale), _line(others, scale)


def _values(name: str, known: Known, shown: Range) -> list[float | None]:
    logs = (known.logs.get(day) for day in shown.dates)
    return [log.values.get(name) if log else None for log in logs]


def _line(values: Sequence[float | None], scale: Scale) -> Sparkline:
    return sparkline(values, scale=scale, width=160, height=36)
