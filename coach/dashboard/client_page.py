"""Everything one client's page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.sharing import fields_of
from coach.days.calendar import today
from coach.days.metrics import METRICS, Source
from coach.days.models import DailyLog
from coach.extensions import db
from coach.web.bands import recovery_band
from coach.web.charts import Chart, day_chart
from coach.web.filters import metric_value

RANGES = (7, 30, 90, 365)
USUAL_RANGE = 30
TABLE = ("recovery_score", "hrv", "resting_heart_rate", "sleep_hours", "sleep_quality", "strain")


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric over the days of the range."""

    name: str
    kind: str
    chart: Chart
    days_with_value: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the table: visible values and who said each."""

    date: date
    values: dict[str, float | None]
    sources: dict[str, str]
    doubtful: frozenset[str]
    provisional: bool


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A client as one coach may see them."""

    client: Client
    shares: frozenset[FieldGroup]
    days: int
    panels: list[Panel]
    rows: list[DayRow]


def for_viewer(viewer: Viewer, client: Client, *, days: int, now: datetime) -> ClientPage:
    """Gather charts and table of the last `days` days."""
    shares = viewer.shared([client.id])[client.id]
    visible = fields_of(shares)
    until = today(now, client.timezone)
    dates = [until - timedelta(days=back) for back in reversed(range(days))]
    logs = {log.date: log for log in _logs(viewer, client, since=dates[0])}
    rows = {day: _day(log, visible) for day, log in logs.items() if day <= until}
    shown = [name for name in TABLE if name in visible]
    return ClientPage(
        client=client,
        shares=shares,
        days=days,
        panels=[_panel(name, dates, rows) for name in shown if name != "sleep_quality"],
        rows=[row for _, row in sorted(rows.items(), reverse=True) if row.sources],
    )


def _logs(viewer: Viewer, client: Client, *, since: date) -> Sequence[DailyLog]:
    return db.session.scalars(
        select(DailyLog).where(
            DailyLog.organisation_id == viewer.organisation_id,
            DailyLog.client_id == client.id,
            DailyLog.date >= since,
        )
    ).all()


def _day(log: DailyLog, visible: frozenset[str]) -> DayRow:
    return DayRow(
        date=log.date,
        values={name: getattr(log, name) if name in visible else None for name in TABLE},
        sources={name: str(said) for name, said in log.sources.items() if name in visible},
        doubtful=frozenset(log.doubtful) & visible,
        provisional=log.state == "provisional",
    )


def _panel(name: str, dates: Sequence[date], rows: dict[date, DayRow]) -> Panel:
    values = [rows[day].values[name] if day in rows else None for day in dates]
    known = [value for value in values if value is not None]
    low, high, ticks = _scale(name, known)
    kind: Literal["line", "bars"] = "line" if name in {"hrv", "resting_heart_rate"} else "bars"
    chart = day_chart(
        dates,
        values,
        kind=kind,
        low=low,
        high=high,
        ticks=ticks,
        titles=[str(metric_value(value, name)) for value in values],
        classes=[_css(name, value) for value in values],
        marks={day for day, row in rows.items() if row.sources.get(name) == Source.MANUAL},
    )
    return Panel(name, kind, chart, len(known))


def _scale(name: str, known: Sequence[float]) -> tuple[float, float, list[float]]:
    """Fix the scale where WHOOP's is fixed; else span what is there, with air around it."""
    fixed = {"recovery_score": (0, 100, 50), "strain": (0, 21, 7), "sleep_hours": (0, 12, 4)}
    if name in fixed:
        low, high, step = fixed[name]
        return low, high, [float(tick) for tick in range(low, high + 1, step)]
    step = 20 if name == "hrv" else 10
    low = int(min(known, default=METRICS[name].low) // step * step)
    high = int(max(known, default=low) // step * step + step)
    return low, high, [float(tick) for tick in range(low, high + 1, step)]


def _css(name: str, value: float | None) -> str:
    if name == "recovery_score":
        return recovery_band(value) if value is not None else ""
    return {"strain": "strain", "sleep_hours": "sleep"}.get(name, "")
