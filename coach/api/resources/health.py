"""Daily health data: recovery, sleep and workouts of one date in one answer."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from coach.accounts.models import FieldGroup
from coach.accounts.sharing import fields_of
from coach.api import clients
from coach.api.choosing import theirs
from coach.api.clients import Looked
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Sparse, at
from coach.days.metrics import Source
from coach.days.models import DailyLog, DayReading, Sleep, Workout
from coach.extensions import db
from coach.web.problems import Refused
from coach.web.units import KJ_PER_KCAL

TAG = "Days"


class HealthRecovery(Answer):
    """How recovered somebody woke up."""

    recovery_score: float | None = Field(description="%", examples=[67.0])
    hrv_rmssd: float | None = Field(description="ms")
    resting_heart_rate: float | None = Field(description="bpm")
    skin_temp_celsius: float | None


class HealthSleep(Answer):
    """The main sleep that ended on the date."""

    sleep_id: str
    start_time: datetime
    end_time: datetime | None
    duration_seconds: int | None = Field(description="asleep")
    efficiency_percentage: float | None
    sleep_score: float | None = Field(description="sleep performance, %")


class HealthWorkout(Answer):
    """One workout of the date."""

    workout_id: str
    sport_name: str | None
    start_time: datetime
    end_time: datetime | None
    strain: float | None
    average_heart_rate: int | None
    max_heart_rate: int | None
    calories: float | None = Field(description="kcal")


class Health(Sparse):
    """What is believed of a client's health on one date; what is not shared is null."""

    client_id: UUID
    external_id: str | None = Field(description="the organisation's own id")
    user_id: UUID | None = Field(description="null while the client has no account")
    date: Date
    source: str = Field(examples=["whoop"])
    recovery: HealthRecovery | None
    sleep: HealthSleep | None
    workouts: list[HealthWorkout]
    last_updated: datetime
    not_shared: list[str]


@operation("/clients/<client_id>/health/<date>", Scope.READ_DAYS, Health, tag=TAG)
def get_health(client_id: str, date: str) -> Health:
    """Give recovery, sleep and workouts of one date."""
    looked = clients.look(client_id, "health")
    day = clients.day_in_path(date, client=looked.client)
    log = db.session.get(DailyLog, (looked.client.organisation_id, looked.client.id, day))
    if log is None or not looked.sees(FieldGroup.RECOVERY, FieldGroup.SLEEP, FieldGroup.WORKOUTS):
        raise Refused(404)
    return Health(
        client_id=looked.client.id,
        external_id=looked.client.external_id,
        user_id=looked.client.user_id,
        date=day,
        source=_source(looked, log),
        recovery=_recovery(log) if looked.sees(FieldGroup.RECOVERY) else None,
        sleep=_sleep(looked, day) if looked.sees(FieldGroup.SLEEP) else None,
        workouts=_workouts(looked, day) if looked.sees(FieldGroup.WORKOUTS) else [],
        last_updated=at(_last_updated(looked, day) or log.updated_at),
        not_shared=looked.withheld,
    )


def _source(looked: Looked, log: DailyLog) -> str:
    """Say whether any value that is shared came from a device."""
    visible = fields_of(looked.shares)
    shown = {said for name, said in log.sources.items() if name in visible}
    return "whoop" if shown - {Source.MANUAL} else "manual"


def _recovery(log: DailyLog) -> HealthRecovery | None:
    if log.recovery_score is None and log.hrv is None and log.resting_heart_rate is None:
        return None
    return HealthRecovery(
        recovery_score=log.recovery_score,
        hrv_rmssd=log.hrv,
        resting_heart_rate=log.resting_heart_rate,
        skin_temp_celsius=log.skin_temp_celsius,
    )


def _sleep(looked: Looked, day: Date) -> HealthSleep | None:
    night = db.session.scalar(
        select(Sleep)
        .where(
            *theirs(Sleep, looked.client),
            Sleep.date == day,
            Sleep.nap.is_not(True),
        )
        .order_by(Sleep.started_at)
        .limit(1)
    )
    if night is None:
        return None
    hours = night.sleep_hours
    return HealthSleep(
        sleep_id=night.key,
        start_time=at(night.started_at, night.offset_minutes),
        end_time=at(night.ended_at, night.offset_minutes) if night.ended_at else None,
        duration_seconds=None if hours is None else round(hours * 3600),
        efficiency_percentage=night.sleep_efficiency,
        sleep_score=night.sleep_quality,
    )


def _workouts(looked: Looked, day: Date) -> list[HealthWorkout]:
    found = db.session.scalars(
        select(Workout)
        .where(
            *theirs(Workout, looked.client),
            Workout.date == day,
        )
        .order_by(Workout.started_at, Workout.key)
    )
    return [_workout(each) for each in found]


def _workout(row: Workout) -> HealthWorkout:
    energy = row.energy_kj
    return HealthWorkout(
        workout_id=row.key,
        sport_name=row.activity,
        start_time=at(row.started_at, row.offset_minutes),
        end_time=at(row.ended_at, row.offset_minutes) if row.ended_at else None,
        strain=row.strain,
        average_heart_rate=row.average_heart_rate,
        max_heart_rate=row.max_heart_rate,
        calories=None if energy is None else round(energy / KJ_PER_KCAL, 1),
    )


def _last_updated(looked: Looked, day: Date) -> datetime | None:
    """Say when a device last said something new of the day."""
    return db.session.scalar(
        select(func.max(DayReading.updated_at)).where(
            *theirs(DayReading, looked.client),
            DayReading.date == day,
            DayReading.source != Source.MANUAL,
        )
    )
