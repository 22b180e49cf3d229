"""Of which of a client's days a record of WHOOP is, in SQL: of the day that was worked out for it.

A night, and with it its recovery, was given the day of its cycle when the days were derived, and a
workout that of the cycle it fell into.
"""

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812  # as in the other files
from datetime import timedelta

from sqlalchemy import ColumnElement, Interval, and_, case, cast, extract, func, select
from sqlalchemy import Date as DateColumn
from sqlalchemy.orm import aliased

from coach.days.models import Sleep, Workout
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RecordKind

_Slept = aliased(WhoopRecord)


def _theirs(table: type[Sleep | Workout | WhoopRecord]) -> ColumnElement[bool]:
    return and_(
        table.organisation_id == WhoopRecord.organisation_id,
        table.client_id == WhoopRecord.client_id,
    )


def _worked_out(table: type[Sleep | Workout]) -> ColumnElement[Date]:
    found = select(table.date).where(_theirs(table), table.key == WhoopRecord.provider_id)
    return found.scalar_subquery()


def _of_its_sleep() -> ColumnElement[Date]:
    """Give the day of whatever was slept in a cycle: all of it is of the cycle's own day."""
    found = select(Sleep.date).join(
        _Slept,
        and_(
            _Slept.organisation_id == Sleep.organisation_id,
            _Slept.client_id == Sleep.client_id,
            _Slept.provider_id == Sleep.key,
        ),
    )
    of_cycle = and_(
        _Slept.kind == RecordKind.SLEEP,
        _Slept.deleted_at.is_(None),
        _Slept.cycle_id == WhoopRecord.provider_id,
    )
    return found.where(_theirs(Sleep), _theirs(_Slept), of_cycle).limit(1).scalar_subquery()


def _of_its_middle() -> ColumnElement[Date]:
    """Read the date in the middle of a cycle off the clock of its place; one that runs has a day."""
    said = WhoopRecord.raw["timezone_offset"].astext
    known = case((said.regexp_match("^[+-][0-9]{2}:[0-9]{2}$"), said), else_="+00:00")
    until = func.coalesce(WhoopRecord.ends_at, WhoopRecord.starts_at + timedelta(days=1))
    seconds = extract("epoch", WhoopRecord.starts_at) + extract("epoch", until)
    middle = func.to_timestamp(seconds / 2)
    return func.date(func.timezone("UTC", middle) + cast(known, Interval))


DAYS: Mapping[RecordKind, ColumnElement[Date]] = {
    RecordKind.CYCLE: func.coalesce(_of_its_sleep(), _of_its_middle()),
    RecordKind.RECOVERY: _worked_out(Sleep),  # its id is that of its night
    RecordKind.SLEEP: _worked_out(Sleep),
    RecordKind.WORKOUT: _worked_out(Workout),
    RecordKind.BODY_MEASUREMENT: case(  # its id is the date on which it was read
        (
            WhoopRecord.kind == RecordKind.BODY_MEASUREMENT,
            cast(WhoopRecord.provider_id, DateColumn),
        )
    ),
}
