"""Workouts, one by one."""

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
from coach.days.models import Workout
from coach.extensions import db
from coach.web.problems import Refused

TAG = "Records"


class OneWorkout(Sparse):
    """An activity, named as WHOOP names it."""

    id: str = Field(examples=["1043c3d1-2f5f-4b0e-9a2b-1f6e0a2a7f10"])
    date: Date = Field(description="the day it belongs to")
    start_time: datetime = Field(examples=["2026-05-14T07:30:00+02:00"])
    end_time: datetime | None
    activity: str | None = Field(examples=["running"])
    strain: float | None = Field(description="0 to 21")
    energy_kj: float | None = Field(description="kJ")
    average_heart_rate: int | None = Field(description="bpm")
    max_heart_rate: int | None = Field(description="bpm")
    zone_0_minutes: float | None
    zone_1_minutes: float | None
    zone_2_minutes: float | None
    zone_3_minutes: float | None
    zone_4_minutes: float | None
    zone_5_minutes: float | None
    distance_m: float | None
    altitude_gain_m: float | None
    altitude_change_m: float | None
    sources: list[str]


class WorkoutPage(Page[OneWorkout]):
    """Workouts, newest first."""


_SAME = sorted(OneWorkout.model_fields.keys() - {"id", "start_time", "end_time"})


@operation("/clients/<client_id>/workouts", Scope.READ_DAYS, WorkoutPage, tag=TAG)
def list_workouts(client_id: str, query: Chosen) -> WorkoutPage:
    """List workouts, newest first; none when workouts are not shared."""
    looked = clients.look(client_id, "workouts")
    if not looked.sees(FieldGroup.WORKOUTS):
        return WorkoutPage(items=[], next_cursor=None)
    chosen = _of(looked).where(
        *of_dates(Workout.date, query),
    )
    found, cursor = paging.rows(chosen, [Workout.started_at, Workout.key], query)
    return WorkoutPage(items=[shown(row) for row in found], next_cursor=cursor)


@operation("/clients/<client_id>/workouts/latest", Scope.READ_DAYS, OneWorkout, tag=TAG)
def latest_workout(client_id: str) -> OneWorkout:
    """Give the newest workout."""
    looked = clients.look(client_id, "workouts")
    return _first(looked, _of(looked).order_by(Workout.started_at.desc(), Workout.key.desc()))


@operation("/clients/<client_id>/workouts/<workout_id>", Scope.READ_DAYS, OneWorkout, tag=TAG)
def get_workout(client_id: str, workout_id: str) -> OneWorkout:
    """Give one workout."""
    looked = clients.look(client_id, "workouts")
    return _first(looked, _of(looked).where(Workout.key == workout_id.replace("\0", "")))


def shown(row: Workout) -> OneWorkout:
    """Write a workout, on the clock of the place where it was done."""
    return OneWorkout.model_construct(
        id=row.key,
        start_time=at(row.started_at, row.offset_minutes),
        end_time=at(row.ended_at, row.offset_minutes) if row.ended_at else None,
        **{name: getattr(row, name) for name in _SAME},
    )


def _first(looked: Looked, chosen: Select[Workout]) -> OneWorkout:
    found = db.session.scalar(chosen.limit(1)) if looked.sees(FieldGroup.WORKOUTS) else None
    if found is None:
        raise Refused(404)
    return shown(found)


def _of(looked: Looked) -> Select[Workout]:
    return select(Workout).where(
        *theirs(Workout, looked.client),
    )
