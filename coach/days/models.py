"""DailyLog, DayReading and DayChange, as stored."""

from datetime import date as Date  # noqa: N812  # the column is called date
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import EMPTY_LIST, EMPTY_OBJECT, Base, Owned, OwnedRow, belongs_to, one_of
from coach.days.metrics import METRICS, Source


def _possible(name: str) -> CheckConstraint:
    metric = METRICS[name]
    return CheckConstraint(f"{name} BETWEEN {metric.low} AND {metric.high}", name=f"{name}_range")


class DayReading(Base, Owned):
    """What one source says of one client's day; a source replaces only its own row."""

    __tablename__ = "day_readings"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    doubtful: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    provisional: Mapped[bool] = mapped_column(server_default="false")
    calibrating: Mapped[bool] = mapped_column(server_default="false")

    __table_args__ = (belongs_to("clients", "client_id"), one_of("source", Source))


class DailyLog(Base, Owned):
    """What is believed of one client on one date."""

    __tablename__ = "daily_logs"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date] = mapped_column(primary_key=True)
    recovery_score: Mapped[float | None]
    strain: Mapped[float | None]
    hrv: Mapped[float | None]
    sleep_hours: Mapped[float | None]
    sleep_quality: Mapped[float | None]
    resting_heart_rate: Mapped[float | None]
    spo2: Mapped[float | None]
    skin_temp_celsius: Mapped[float | None]
    respiratory_rate: Mapped[float | None]
    sleep_efficiency: Mapped[float | None]
    sleep_consistency: Mapped[float | None]
    in_bed_hours: Mapped[float | None]
    light_hours: Mapped[float | None]
    deep_hours: Mapped[float | None]
    rem_hours: Mapped[float | None]
    awake_hours: Mapped[float | None]
    sleep_need_hours: Mapped[float | None]
    sleep_debt_hours: Mapped[float | None]
    nap_hours: Mapped[float | None]
    sleep_started_at: Mapped[datetime | None]
    sleep_ended_at: Mapped[datetime | None]
    sleep_offset_minutes: Mapped[int | None]
    energy_kj: Mapped[float | None]
    average_heart_rate: Mapped[int | None]
    max_heart_rate: Mapped[int | None]
    step_count: Mapped[int | None]
    workout_count: Mapped[int | None]
    weight_kg: Mapped[float | None]
    mood: Mapped[int | None]
    notes: Mapped[str | None]
    source: Mapped[str]
    sources: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    doubtful: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    calibrating: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (
        belongs_to("clients", "client_id"),
        CheckConstraint("source IN ('whoop', 'manual')", name="source_known"),
        CheckConstraint("state IN ('provisional', 'final')", name="state_known"),
        *(_possible(each.name) for each in METRICS.values() if each.kind in {"number", "whole"}),
    )


class DayChange(Base, OwnedRow):
    """Append-only: what changed on a day, from what to what, and who said so."""

    __tablename__ = "day_changes"

    client_id: Mapped[UUID]
    date: Mapped[Date]
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    source: Mapped[str]
    changed_by: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("source", Source),
        Index(None, "organisation_id", "client_id", "date"),
    )
