"""Sleeps: nights and naps, one by one."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime

from pydantic import Field
from sqlalchemy import Select, select

from coach.accounts.models import FieldGroup
from coach.api import clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.clients import Looked
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Sparse, at
from coach.days.models import Sleep
from coach.extensions import db
from coach.web.problems import Refused

TAG = "Records"


class OneSleep(Sparse):
    """A night or a nap; hours are hours asleep or in bed, the rest per cent."""

    id: str = Field(examples=["ecfc6a15-4661-442f-a9a4-f160dd7afae8"])
    date: Date = Field(description="the day it belongs to")
    start_time: datetime = Field(examples=["2026-05-13T23:04:00+02:00"])
    end_time: datetime | None
    nap: bool | None
    sleep_hours: float | None
    sleep_quality: float | None = Field(description="sleep performance, %")
    respiratory_rate: float | None = Field(description="per minute")
    sleep_efficiency: float | None = Field(description="%")
    sleep_consistency: float | None = Field(description="%")
    in_bed_hours: float | None
    light_hours: float | None
    deep_hours: float | None
    rem_hours: float | None
    awake_hours: float | None
    sleep_need_hours: float | None
    sleep_debt_hours: float | None
    sources: list[str]


class SleepPage(Page[OneSleep]):
    """Sleeps, newest first."""


_SAME = sorted(OneSleep.model_fields.keys() - {"id", "start_time", "end_time"})


@operation("/clients/<client_id>/sleeps", Scope.READ_DAYS, SleepPage, tag=TAG)
def list_sleeps(client_id: str, query: Chosen) -> SleepPage:
    """List nights and naps, newest first; none when sleep is not shared."""
    looked = clients.look(client_id, "sleeps")
    if not looked.sees(FieldGroup.SLEEP):
        return SleepPage(items=[], next_cursor=None)
    chosen = _of(looked).where(
        *of_dates(Sleep.date, query),
    )
    found, cursor = paging.rows(chosen, [Sleep.started_at, Sleep.key], query)
    return SleepPage(items=[shown(row) for row in found], next_cursor=cursor)


@operation("/clients/<client_id>/sleeps/latest", Scope.READ_DAYS, OneSleep, tag=TAG)
def latest_sleep(client_id: str) -> OneSleep:
    """Give the newest night."""
    looked = clients.look(client_id, "sleeps")
    nights = _of(looked).where(Sleep.nap.is_not(True))
    return _first(looked, nights.order_by(Sleep.started_at.desc(), Sleep.key.desc()))


@operation("/clients/<client_id>/sleeps/<sleep_id>", Scope.READ_DAYS, OneSleep, tag=TAG)
def get_sleep(client_id: str, sleep_id: str) -> OneSleep:
    """Give one night or nap."""
    looked = clients.look(client_id, "sleeps")
    return _first(looked, _of(looked).where(Sleep.key == sleep_id.replace("\0", "")))


def shown(row: Sleep) -> OneSleep:
    """Write a sleep, on the clock of the place where it was slept."""
    return OneSleep.model_construct(
        id=row.key,
        start_time=at(row.started_at, row.offset_minutes),
        end_time=at(row.ended_at, row.offset_minutes) if row.ended_at else None,
        **{name: getattr(row, name) for name in _SAME},
    )


def _first(looked: Looked, chosen: Select[Sleep]) -> OneSleep:
    found = db.session.scalar(chosen.limit(1)) if looked.sees(FieldGroup.SLEEP) else None
    if found is None:
        raise Refused(404)
    return shown(found)


def _of(looked: Looked) -> Select[Sleep]:
    return select(Sleep).where(
        *theirs(Sleep, looked.client),
    )
