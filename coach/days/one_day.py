"""One day of a client with every source's word on each value, ready to be shown and edited."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from coach.accounts.models import Client, Membership
from coach.database.tenancy import current_organisation
from coach.days import readings
from coach.days.day_form import EDITABLE
from coach.days.editing import mark
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Metric, Source, Value
from coach.days.models import DailyLog, DayChange, DayReading
from coach.extensions import db


@dataclass(frozen=True, slots=True)
class Author:
    """Who typed a value: their name now, whether it is the client's own word, and when."""

    user_id: UUID
    name: str
    is_client: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a day: what is believed, who said it when, and what the device says.

    `mark` tells later whether somebody else has typed into the field since.
    """

    metric: Metric
    value: Value
    source: Source | None
    device_value: Value
    device_source: Source | None
    doubtful: bool
    mark: str
    author: Author | None = None
    device_at: datetime | None = None

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


def one_day(client: Client, chosen: date, *, fields: Collection[str] = EDITABLE) -> DayPage:
    """Gather one day of a client whom the viewer has found, of these fields only."""
    log = db.session.get(DailyLog, (current_organisation(), client.id, chosen))
    said = readings.of_day(client.id, chosen)
    authors, heard = _authors(client, chosen), _heard(client.id, chosen)
    return DayPage(
        date=chosen,
        fields=[_field(METRICS[name], log, said, authors.get(name), heard) for name in fields],
        version=log.version if log else 0,
        provisional=log is not None and log.state == "provisional",
        calibrating=log is not None and log.calibrating,
        woke_at=woke_at(log, client),
        known=log is not None,
    )


def _field(
    metric: Metric,
    log: DailyLog | None,
    said: Mapping[Source, Reading],
    author: Author | None,
    heard: Mapping[Source, datetime],
) -> Field:
    name = metric.name
    spoke = [s for s in (Source.WHOOP, Source.EXPORT) if s in said and name in said[s].values]
    device = spoke[0] if spoke else None
    source = Source(str(log.sources[name])) if log and name in log.sources else None
    return Field(
        metric=metric,
        value=getattr(log, name) if log else None,
        source=source,
        device_value=said[device].values[name] if device else None,
        device_source=device,
        doubtful=log is not None and name in log.doubtful,
        author=author if source is Source.MANUAL else None,
        mark=mark(said[Source.MANUAL].values if Source.MANUAL in said else {}, name),
        device_at=heard.get(device) if device else None,
    )


def _heard(client_id: UUID, day: date) -> dict[Source, datetime]:
    """Tell when each source last said something new of a day."""
    rows = db.session.execute(
        select(DayReading.source, DayReading.updated_at).where(
            DayReading.organisation_id == current_organisation(),
            DayReading.client_id == client_id,
            DayReading.date == day,
        )
    )
    return {Source(source): at for source, at in rows}


def _authors(client: Client, day: date) -> dict[str, Author]:
    """Name who typed each field last; a person who left the organisation has no name here."""
    person = and_(
        Membership.organisation_id == DayChange.organisation_id,
        Membership.user_id == DayChange.changed_by,
    )
    typed: list[tuple[str, UUID, str, datetime]] = [
        (field, user_id, name, at)
        for field, user_id, name, at in db.session.execute(
            select(DayChange.field, Membership.user_id, Membership.name, DayChange.created_at)
            .join(Membership, person)
            .where(
                DayChange.organisation_id == current_organisation(),
                DayChange.client_id == client.id,
                DayChange.date == day,
            )
            .order_by(DayChange.created_at, DayChange.id)
        )
    ]
    return {
        field: Author(user, name, user == client.user_id, at) for field, user, name, at in typed
    }


def woke_at(log: DailyLog | None, client: Client) -> datetime | None:
    """Say when the main sleep ended, on the clock of the place where it ended."""
    if log is None or log.sleep_ended_at is None:
        return None
    if log.sleep_offset_minutes is None:
        return log.sleep_ended_at.astimezone(ZoneInfo(client.timezone))
    return log.sleep_ended_at + timedelta(minutes=log.sleep_offset_minutes)
