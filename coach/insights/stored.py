"""What is stored of many clients around the day of each, in two statements; shared or not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
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
NULL = "NULL"
_HERE = bindparam("here", type_=Uuid)


@dataclass(frozen=True, slots=True)
class StoredDays:
    """Columns of some days, newest first; `ages` count from the day asked for.

    Columns as PostgreSQL writes them, because a roster reads the last of hundreds of clients, and
    looks at few of their values: a number is only made of what is looked at.
    """

    ages: Sequence[int] = ()
    written: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict.fromkeys(VALUES, ()))
    doubtful: Mapping[str, Collection[str]] = field(default_factory=dict)  # names, by age
    is_open: Collection[int] = ()  # ages, as in the next
    calibrating: Collection[int] = ()

    def newest(self, metric: str, *, youngest: int = 0) -> tuple[int, float] | None:
        """Find the newest value that is so old or older, with its age."""
        for age, said in zip(self.ages, self.written[metric], strict=True):
            if said != NULL and age >= youngest:
                return age, float(said)
        return None

    def of_age(self, metric: str) -> dict[int, float]:
        """Give the values by age."""
        pairs = zip(self.ages, self.written[metric], strict=True)
        return {age: float(said) for age, said in pairs if said != NULL}


class Behind(TypedDict):
    """How many days are behind a figure, and how far it may be trusted."""

    n: int
    confidence: str


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
    behind: Mapping[str, Behind]
    signals: Sequence[Mapping[str, object]]


_OF_INSIGHT = len(fields(DayInsight))


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether there is a check-in of the day, whether a coach has seen it, the age of the last."""

    today: bool = False
    seen: bool = False
    before: int | None = None


@dataclass(slots=True)
class Stored:
    """All that is stored of one client around a day: 28 days, the day's insight, what was said."""

    days: StoredDays = field(default_factory=StoredDays)
    insight: DayInsight | None = None
    answered: Answered = field(default_factory=Answered)
    tags: list[tuple[str, date, date | None]] = field(default_factory=list)


def of_clients(days: Mapping[UUID, date]) -> dict[UUID, Stored]:
    """Read the 28 days up to each client's day, the insight of that day, answers and tags."""
    found = {client_id: Stored() for client_id in days}
    if days:
        asked = {"clients": list(days), "days": list(days.values()), "here": current_organisation()}
        _read_days(asked, found)
        _read_tags(asked, found)
    return found


def _read_days(asked: Mapping[str, object], found: dict[UUID, Stored]) -> None:
    for client_id, today, seen, before, *columns in db.session.execute(_around_days(), asked):
        of_client, insight = found[client_id], DayInsight(*columns[:_OF_INSIGHT])
        of_client.answered = Answered(bool(today), bool(seen), before)
        of_client.insight = insight if insight.hrv_position else None
        of_client.days = _days(*columns[_OF_INSIGHT:])


@cache
def _around_days() -> Select[Any]:
    """Build the statement, which takes longer than PostgreSQL needs for a few clients, but once."""
    asked = _asked()
    parts = (_answers(asked), _insight(asked), _recent(asked))
    chosen = select(asked.c.client_id, *(each for part in parts for each in part.c))
    chosen = chosen.select_from(asked)
    for part in parts:
        chosen = chosen.join(part, true(), isouter=True)
    return chosen


def _days(
    ages: str | None,
    doubtful: Mapping[str, Collection[str]] | None,
    is_open: Collection[int] | None,
    calibrating: Collection[int] | None,
    *written: str,
) -> StoredDays:
    """Take apart the columns of one client; ARRAY writes {1,NULL,2.5}."""
    if ages is None:
        return StoredDays()
    columns = (each[1:-1].split(",") for each in written)
    return StoredDays(
        [int(each) for each in ages[1:-1].split(",")],
        dict(zip(VALUES, columns, strict=True)),
        doubtful or {},
        is_open or (),
        calibrating or (),
    )


def _recent(asked: TableValuedAlias) -> LateralFromClause:
    """Gather the days of one client into a row of arrays, newest first."""
    days = (
        select(
            (asked.c.day - DailyLog.date).label("age"),
            DailyLog.doubtful,
            DailyLog.state,
            DailyLog.calibrating,
            *(getattr(DailyLog, name) for name in VALUES),
        )
        .where(
            DailyLog.organisation_id == _HERE,
            DailyLog.client_id == asked.c.client_id,
            _within(DailyLog.date, asked),
        )
        .order_by(DailyLog.date.desc())
        .limit(SPARK_DAYS)  # no more can be; it keeps the plan at one client after the other
        .correlate(asked)
        .lateral("days")
    )
    age, it = days.c.age, days.c
    return (
        select(
            cast(func.array_agg(age), Text).label("ages"),
            func.jsonb_object_agg(age, it.doubtful).filter(it.doubtful != literal([], JSONB)),
            func.array_agg(age).filter(it.state != "final"),
            func.array_agg(age).filter(it.calibrating),
            *(cast(func.array_agg(it[name]), Text).label(name) for name in VALUES),
        )
        .correlate(asked)
        .lateral("recent")
    )


def _insight(asked: TableValuedAlias) -> LateralFromClause:
    mine = (Insight.client_id == asked.c.client_id, Insight.date == asked.c.day)
    names = [each.name for each in fields(DayInsight)]
    columns = {name: getattr(Insight, name) for name in names}
    # Without the rule's own part, which is the longest.
    columns["behind"] = Insight.behind.op("-", return_type=JSONB)(literal("single_days", Text))
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .where(Insight.organisation_id == _HERE, *mine)
        .limit(1)
        .lateral("of_day")
    )


def _answers(asked: TableValuedAlias) -> LateralFromClause:
    """Say of one client's check-ins whether there is one of the day, and how old the last is."""
    age = asked.c.day - CheckIn.date
    return (
        select(
            func.bool_or(age == 0).label("today"),
            func.bool_or(CheckIn.seen_at.is_not(None)).filter(age == 0).label("seen"),
            func.min(age).filter(age > 0).label("before"),
        )
        .where(
            CheckIn.organisation_id == _HERE,
            CheckIn.client_id == asked.c.client_id,
            _within(CheckIn.date, asked),
        )
        .correlate(asked)
        .lateral("answers")
    )


def _read_tags(asked: Mapping[str, object], found: dict[UUID, Stored]) -> None:
    for client_id, kind, first, last in db.session.execute(_tags(), asked):
        found[client_id].tags.append((kind, first, last))


@cache
def _tags() -> Select[UUID, str, date, date | None]:
    asked = _asked()
    goes_on = or_(DayTag.last_date.is_(None), DayTag.last_date >= asked.c.day)
    return (
        select(DayTag.client_id, DayTag.kind, DayTag.first_date, DayTag.last_date)
        .join(asked, DayTag.client_id == asked.c.client_id)
        .where(DayTag.organisation_id == _HERE, DayTag.first_date <= asked.c.day, goes_on)
        .order_by(DayTag.first_date, DayTag.id)
    )


def _asked() -> TableValuedAlias:
    """Make clients and their days a table of the statement."""
    clients, days = (
        bindparam("clients", type_=ARRAY(Uuid)),
        bindparam("days", type_=ARRAY(DateType)),
    )
    return (
        func.unnest(clients, days)
        .table_valued(column("client_id", Uuid), column("day", DateType))
        .render_derived(name="asked")
    )


def _within(dates: InstrumentedAttribute[date], asked: TableValuedAlias) -> ColumnElement[bool]:
    return dates.between(asked.c.day - SPARK_DAYS + 1, asked.c.day)
