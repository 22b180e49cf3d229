"""What is stored of many clients around the day of each, in two statements; shared or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import Date as DateType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import LateralFromClause, TableValuedAlias

from coach.check_ins.models import CheckIn, DayTag
from coach.database.tenancy import current_organisation
from coach.days.models import DailyLog
from coach.extensions import db
from coach.insights.models import Insight

SPARK_DAYS = 28
VALUES = ("recovery_score", "hrv", "resting_heart_rate", "sleep_hours", "strain")


@dataclass(frozen=True, slots=True)
class StoredDays:
    """Columns of some days, newest first; `ages` count from the day asked for.

    Columns, because a roster reads the last of hundreds of clients and looks at few.
    """

    ages: Sequence[int] = ()
    values: Mapping[str, Sequence[float | None]] = field(
        default_factory=lambda: dict.fromkeys(VALUES, ())
    )
    doubtful: Sequence[str | None] = ()  # a list of names as JSON, None where it is empty
    is_open: Sequence[bool] = ()
    calibrating: Sequence[bool] = ()


@dataclass(slots=True)
class DayInsight:
    """The figures and signals of one day, by the names of their columns."""

    hrv_week_ms: float | None
    hrv_low_ms: float | None
    hrv_high_ms: float | None
    hrv_position: str
    hrv_days_outside: int
    rhr_drift_bpm: float | None
    sleep_balance_hours: float | None
    sleep_debt_hours: float | None
    load_change_percent: float | None
    hooper_week: float | None
    behind: Mapping[str, Mapping[str, object]]
    signals: Sequence[Mapping[str, object]]


_OF_INSIGHT = len(fields(DayInsight))


@dataclass(slots=True)
class Stored:
    """All that is stored of one client around a day: 28 days, the day's insight, what was said."""

    days: StoredDays = field(default_factory=StoredDays)
    insight: DayInsight | None = None
    answers: dict[int, bool] = field(default_factory=dict)  # by age: whether a coach has seen it
    tags: list[tuple[str, date, date | None]] = field(default_factory=list)


def of_clients(days: Mapping[UUID, date]) -> dict[UUID, Stored]:
    """Read the 28 days up to each client's day, the insight of that day, answers and tags."""
    found = {client_id: Stored() for client_id in days}
    if days:
        _read_days(days, found)
        _read_tags(days, found)
    return found


def _read_days(days: Mapping[UUID, date], found: dict[UUID, Stored]) -> None:
    asked = _asked(days)
    recent, answers, of_day = _recent(asked), _answers(asked), _insight(asked)
    rows = db.session.execute(
        select(asked.c.client_id, answers.c.answered, answers.c.seen, *of_day.c, *recent.c)
        .select_from(asked)
        .join(recent, true(), isouter=True)
        .join(answers, true(), isouter=True)
        .join(of_day, true(), isouter=True)
    )
    for client_id, answered, seen, *columns in rows:
        insight = DayInsight(*columns[:_OF_INSIGHT])
        found[client_id].insight = insight if insight.hrv_position else None
        found[client_id].answers = dict(zip(answered or (), seen or (), strict=True))
        ages, doubtful, is_open, calibrating, *values = columns[_OF_INSIGHT:]
        if ages is not None:
            known = dict(zip(VALUES, values, strict=True))
            found[client_id].days = StoredDays(ages, known, doubtful, is_open, calibrating)


def _recent(asked: TableValuedAlias) -> LateralFromClause:
    """Gather the days of one client into a row of arrays, newest first."""
    days = (
        select(
            (asked.c.day - DailyLog.date).label("age"),
            cast(func.nullif(DailyLog.doubtful, literal([], JSONB)), Text).label("doubtful"),
            (DailyLog.state != "final").label("is_open"),
            DailyLog.calibrating,
            *(getattr(DailyLog, name) for name in VALUES),
        )
        .where(
            DailyLog.organisation_id == current_organisation(),
            DailyLog.client_id == asked.c.client_id,
            _within(DailyLog.date, asked),
        )
        .order_by(DailyLog.date.desc())
        .limit(SPARK_DAYS)  # no more can be; it keeps the plan at one client after the other
        .correlate(asked)
        .lateral("days")
    )
    arrays = (func.array_agg(each).label(each.name) for each in days.c)
    return select(*arrays).correlate(asked).lateral("recent")


def _insight(asked: TableValuedAlias) -> LateralFromClause:
    mine = (Insight.client_id == asked.c.client_id, Insight.date == asked.c.day)
    return (
        select(*(getattr(Insight, each.name) for each in fields(DayInsight)))
        .where(Insight.organisation_id == current_organisation(), *mine)
        .limit(1)
        .lateral("of_day")
    )


def _answers(asked: TableValuedAlias) -> LateralFromClause:
    """Gather the check-ins of one client into a row of arrays."""
    return (
        select(
            func.array_agg(asked.c.day - CheckIn.date).label("answered"),
            func.array_agg(CheckIn.seen_at.is_not(None)).label("seen"),
        )
        .where(
            CheckIn.organisation_id == current_organisation(),
            CheckIn.client_id == asked.c.client_id,
            _within(CheckIn.date, asked),
        )
        .correlate(asked)
        .lateral("answers")
    )


def _read_tags(days: Mapping[UUID, date], found: dict[UUID, Stored]) -> None:
    asked = _asked(days)
    goes_on = or_(DayTag.last_date.is_(None), DayTag.last_date >= asked.c.day)
    tags = db.session.execute(
        select(DayTag.client_id, DayTag.kind, DayTag.first_date, DayTag.last_date)
        .join(asked, DayTag.client_id == asked.c.client_id)
        .where(
            DayTag.organisation_id == current_organisation(),
            DayTag.first_date <= asked.c.day,
            goes_on,
        )
        .order_by(DayTag.first_date, DayTag.id)
    )
    for client_id, kind, first, last in tags:
        found[client_id].tags.append((kind, first, last))


def _asked(days: Mapping[UUID, date]) -> TableValuedAlias:
    """Make clients and their days a table of the statement."""
    return (
        func.unnest(literal(list(days), ARRAY(Uuid)), literal(list(days.values()), ARRAY(DateType)))
        .table_valued(column("client_id", Uuid), column("day", DateType))
        .render_derived(name="asked")
    )


def _within(dates: InstrumentedAttribute[date], asked: TableValuedAlias) -> ColumnElement[bool]:
    return dates.between(asked.c.day - SPARK_DAYS + 1, asked.c.day)
