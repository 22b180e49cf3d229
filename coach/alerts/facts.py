"""What is stored of many clients that an alert may rest on: two statements, and two on links."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import Date, Uuid, any_, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from coach.accounts.models import Client
from coach.alerts.quiet import Arrivals
from coach.alerts.rules import DayFacts, History
from coach.check_ins import reading
from coach.check_ins.models import DayTag
from coach.database.tenancy import current_organisation
from coach.days.models import DailyLog
from coach.extensions import db
from coach.insights.models import Insight
from coach.insights.signals import Signal, SignalName
from coach.insights.single_days import FarDay
from coach.whoop.linking.links import PROVIDER
from coach.whoop.models import Integration

# Further back nobody looks for the last value: who is quiet for longer is as quiet.
LOOKS_BACK_DAYS = 60
A_DAY = timedelta(days=1)
_SIGNALS = TypeAdapter(list[Signal])
_NIGHT = (DailyLog.recovery_score, DailyLog.hrv, DailyLog.resting_heart_rate, DailyLog.sleep_hours)


def histories(until: Mapping[UUID, date], *, days: int) -> dict[UUID, History]:
    """Read the last days up to each client's date: what showed, and what is tagged."""
    first = min(until.values(), default=date.max) - A_DAY * days
    tags = reading.tags(list(until), first=first, last=max(until.values(), default=date.min))
    tagged = {each: [tag for tag in tags if tag.client_id == each] for each in _tagged(tags)}
    found: dict[UUID, dict[date, DayFacts]] = {each: {} for each in until}
    for client_id, day, signals, far in _insights(until, days):
        found[client_id][day] = _facts(signals, far)
    return {
        each: History(found[each], reading.tagged_dates(tagged.get(each, []), until=last))
        for each, last in until.items()
    }


def arrivals(clients: Sequence[Client], *, now: datetime) -> dict[UUID, Arrivals]:
    """Read of each client their link, and the newest day of which something is known."""
    ids = [client.id for client in clients]
    links = {link.client_id: link for link in _links(ids)}
    newest = {client_id: (valued, told) for client_id, valued, told in _newest(ids, now)}
    return {
        client.id: Arrivals(
            links.get(client.id),
            *newest.get(client.id, (None, None)),
            joined=client.created_at.astimezone(ZoneInfo(client.timezone)).date(),
        )
        for client in clients
    }


def _tagged(tags: Collection[DayTag]) -> set[UUID]:
    return {tag.client_id for tag in tags}


def _insights(
    until: Mapping[UUID, date], days: int
) -> Sequence[tuple[UUID, date, list[object], dict[str, list[float]] | None]]:
    asked = (
        func.unnest(literal(list(until), ARRAY(Uuid)), literal(list(until.values()), ARRAY(Date)))
        .table_valued(column("client_id", Uuid), column("day", Date))
        .render_derived(name="asked")
    )
    found = db.session.execute(
        select(Insight.client_id, Insight.date, Insight.signals, Insight.behind["single_days"])
        .join(asked, asked.c.client_id == Insight.client_id)
        .where(
            Insight.organisation_id == current_organisation(),
            Insight.date.between(asked.c.day - (days - 1), asked.c.day),
        )
    )
    return [(*row,) for row in found]


def _facts(signals: list[object], far: Mapping[str, list[float]] | None) -> DayFacts:
    """Read one day; most say nothing, and reading nothing should cost nothing."""
    known = {SignalName(name): _far(told) for name, told in (far or {}).items()}
    return DayFacts(_SIGNALS.validate_python(signals) if signals else (), known)


def _far(told: Sequence[float]) -> FarDay:
    z, value, usual, n = told
    return FarDay(z, value, usual, int(n))


def _links(ids: Collection[UUID]) -> Sequence[Integration]:
    return db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == current_organisation(),
            Integration.provider == PROVIDER,
            Integration.client_id == any_(literal(list(ids), ARRAY(Uuid))),
        )
    ).all()


def _newest(
    ids: Collection[UUID], now: datetime
) -> Sequence[tuple[UUID, date | None, date | None]]:
    """Find the newest day with a night, and the newest of which a device said anything."""
    night = or_(*(value.is_not(None) for value in _NIGHT))
    anything = or_(night, DailyLog.strain.is_not(None), DailyLog.energy_kj.is_not(None))
    found = db.session.execute(
        select(
            DailyLog.client_id,
            func.max(DailyLog.date).filter(night),
            func.max(DailyLog.date).filter(anything),
        )
        .where(
            DailyLog.organisation_id == current_organisation(),
            DailyLog.client_id == any_(literal(list(ids), ARRAY(Uuid))),
            DailyLog.date > now.date() - A_DAY * LOOKS_BACK_DAYS,
        )
        .group_by(DailyLog.client_id)
    )
    return [(*row,) for row in found]
