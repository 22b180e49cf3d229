"""Which rows each table of an export holds, a page at a time; the caller has found the client."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import RowMapping, Select, func, select, tuple_

from coach.accounts.models import FieldGroup
from coach.accounts.sharing import fields_of
from coach.check_ins.models import CheckIn, DayTag, MoodRating
from coach.database.tenancy import current_organisation
from coach.days.metrics import METRICS
from coach.days.models import DailyLog, JournalEntry, Sleep, Workout
from coach.exporting import columns
from coach.exporting.columns import NOT_SHARED, OF_DAY_SOURCE, Column
from coach.extensions import db

Cell: TypeAlias = str | float | bool | date | datetime | list[str] | None
Record: TypeAlias = dict[str, Cell]
Place: TypeAlias = tuple[object, ...]

ROWS_A_PAGE = 100
THIS_FORM = 1


def as_it_is(row: RowMapping) -> Record | None:
    """Give a row as it was selected."""
    return dict(row)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what it is called, its columns, and the rows of a client in the order of `key`."""

    name: str
    title: LazyString
    columns: tuple[Column, ...]
    chosen: Callable[[UUID], Select[*tuple[object, ...]]]
    key: tuple[str, ...]
    record: Callable[[RowMapping], Record | None] = as_it_is

    def page(self, client_id: UUID, after: Place | None) -> tuple[list[Record], Place | None]:
        """Read the rows behind a place, and say where the next page begins; None at the end."""
        found = self.chosen(client_id).subquery()
        order = [found.c[name] for name in self.key]
        wanted = select(found).order_by(*order).limit(ROWS_A_PAGE)
        if after:
            wanted = wanted.where(tuple_(*order) > tuple_(*after))
        rows = db.session.execute(wanted).mappings().all()
        records = [{**it, columns.FORM.name: THIS_FORM} for row in rows if (it := self.record(row))]
        last = tuple(rows[-1][name] for name in self.key) if len(rows) == ROWS_A_PAGE else None
        return records, last


def days_for(shared: Collection[FieldGroup]) -> Table:
    """Make the table of days for a coach: of each day only what is shared, if anything is."""
    visible = fields_of(shared)
    withheld = {f"{group}{NOT_SHARED}": True for group in FieldGroup if group not in shared}

    def record(row: RowMapping) -> Record | None:
        day = _day(row, visible)
        known = any(day[f"{name}{OF_DAY_SOURCE}"] for name in visible)
        return {**day, **withheld} if known else None

    return Table(
        "days", DAYS.title, columns.shared_columns(shared), _chosen_days, ("date",), record
    )


def _own_day(row: RowMapping) -> Record | None:
    return _day(row, METRICS.keys())


def _day(row: RowMapping, visible: Collection[str]) -> Record:
    values = {name: row[name] for name in visible}
    sources = {f"{name}{OF_DAY_SOURCE}": row["sources"].get(name) for name in visible}
    return {
        "date": row["date"],
        **values,
        **sources,
        "provisional": row["state"] == "provisional",
        "calibrating": row["calibrating"],
        "doubtful": [name for name in row["doubtful"] if name in visible],
    }


def _chosen_days(client_id: UUID) -> Select[*tuple[object, ...]]:
    marks = ("date", "sources", "state", "calibrating", "doubtful")
    return _of(client_id, DailyLog, (*marks, *METRICS))


def _of(
    client_id: UUID, model: type[DailyLog | Sleep | Workout | JournalEntry], names: Collection[str]
) -> Select[*tuple[object, ...]]:
    return select(*(model.__table__.c[name] for name in names)).where(
        model.organisation_id == current_organisation(), model.client_id == client_id
    )


def _chosen_sleeps(client_id: UUID) -> Select[*tuple[object, ...]]:
    return _of(client_id, Sleep, ("key", *_names(columns.SLEEPS)))


def _chosen_workouts(client_id: UUID) -> Select[*tuple[object, ...]]:
    return _of(client_id, Workout, ("key", *_names(columns.WORKOUTS)))


def _chosen_journal(client_id: UUID) -> Select[*tuple[object, ...]]:
    return _of(client_id, JournalEntry, ("key", *_names(columns.JOURNAL)))


def _chosen_check_ins(client_id: UUID) -> Select[*tuple[object, ...]]:
    """Put mood and answers side by side, of which a date may have either."""
    moods = (
        select(MoodRating.date, MoodRating.rating)
        .where(
            MoodRating.organisation_id == current_organisation(), MoodRating.client_id == client_id
        )
        .subquery()
    )
    answers = (
        select(CheckIn)
        .where(CheckIn.organisation_id == current_organisation(), CheckIn.client_id == client_id)
        .subquery()
    )
    said = [name for name in _names(columns.CHECK_INS) if name not in {"date", "mood"}]
    return select(
        func.coalesce(moods.c.date, answers.c.date).label("date"),
        moods.c.rating.label("mood"),
        *(answers.c[name] for name in said),
    ).select_from(moods.join(answers, moods.c.date == answers.c.date, full=True))


def _chosen_tags(client_id: UUID) -> Select[*tuple[object, ...]]:
    named = (DayTag.__table__.c[name] for name in _names(columns.TAGS))
    return select(DayTag.id, *named).where(
        DayTag.organisation_id == current_organisation(), DayTag.client_id == client_id
    )


def _names(of: Collection[Column]) -> list[str]:
    return [column.name for column in of if column is not columns.FORM]


_IN_TIME = ("date", "key")
DAYS = Table("days", _l("Days"), columns.DAYS, _chosen_days, ("date",), _own_day)
TABLES = (
    DAYS,
    Table("sleeps", _l("Sleeps and naps"), columns.SLEEPS, _chosen_sleeps, _IN_TIME),
    Table("workouts", _l("Workouts"), columns.WORKOUTS, _chosen_workouts, _IN_TIME),
    Table("journal", _l("Journal"), columns.JOURNAL, _chosen_journal, _IN_TIME),
    Table("check-ins", _l("Check-ins"), columns.CHECK_INS, _chosen_check_ins, ("date",)),
    Table("tags", _l("Tagged days"), columns.TAGS, _chosen_tags, ("first_date", "id")),
)
NAMED = {table.name: table for table in TABLES}
