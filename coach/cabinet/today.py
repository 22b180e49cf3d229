"""Everything the client sees today, of their days, and of one day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.days import store
from coach.days.calendar import today
from coach.days.metrics import METRICS, Metric, Source, Value
from coach.days.models import DailyLog
from coach.extensions import db

DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a day: what is believed, who said it, and what the device says."""

    metric: Metric
    value: Value
    source: Source | None
    device_value: Value
    device_source: Source | None
    doubtful: bool

    @property
    def typed(self) -> bool:
        return self.source is Source.MANUAL


@dataclass(frozen=True, slots=True)
class DayPage:
    """One day of a client, ready to be shown and edited."""

    date: date
    fields: list[Field]
    version: int
    provisional: bool
    calibrating: bool
    woke_at: datetime | None
    known: bool


def local_today(client: Client, *, now: datetime) -> date:
    """Say which date it is where the client lives."""
    return today(now, client.timezone)


def days(client: Client, *, until: date, by: Viewer) -> list[DailyLog]:
    """List the last days of the client, newest first."""
    return list(
        db.session.scalars(
            select(DailyLog)
            .where(
                DailyLog.organisation_id == by.organisation_id,
                DailyLog.client_id == client.id,
                DailyLog.date > until - timedelta(days=DAYS_SHOWN),
            )
            .order_by(DailyLog.date.desc())
        )
    )


def day(client: Client, chosen: date, *, by: Viewer) -> DayPage:
    """Gather one day with every source's word on each value."""
    log = db.session.get(DailyLog, (by.organisation_id, client.id, chosen))
    said = store.readings_of(client.id, chosen)
    return DayPage(
        date=chosen,
        fields=[_field(metric, log, said) for metric in METRICS.values() if metric.editable],
        version=log.version if log else 0,
        provisional=log is not None and log.state == "provisional",
        calibrating=log is not None and log.calibrating,
        woke_at=_woke_at(log, client),
        known=log is not None,
    )


def _field(metric: Metric, log: DailyLog | None, said: store.Readings) -> Field:
    name = metric.name
    spoke = [s for s in (Source.WHOOP, Source.EXPORT) if s in said and name in said[s].values]
    device = spoke[0] if spoke else None
    return Field(
        metric=metric,
        value=getattr(log, name) if log else None,
        source=Source(str(log.sources[name])) if log and name in log.sources else None,
        device_value=said[device].values[name] if device else None,
        device_source=device,
        doubtful=log is not None and name in log.doubtful,
    )


def _woke_at(log: DailyLog | None, client: Client) -> datetime | None:
    """Say when the main sleep ended, on the clock of the place where it ended."""
    if log is None or log.sleep_ended_at is None:
        return None
    if log.sleep_offset_minutes is None:
        return log.sleep_ended_at.astimezone(ZoneInfo(client.timezone))
    return log.sleep_ended_at + timedelta(minutes=log.sleep_offset_minutes)
