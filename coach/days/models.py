"""DailyLog, DayReading and DayChange, and the single sleeps, workouts and answers, as stored."""

from collections.abc import Iterator, Mapping
from datetime import date as Date  # noqa: N812  # the column is called date
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import EMPTY_LIST, EMPTY_OBJECT, Base, Owned, OwnedRow, belongs_to, one_of
from coach.days.metrics import METRICS, SLEEP_METRICS, WORKOUT_METRICS, Metric, Source


def _possible(metrics: Mapping[str, Metric]) -> Iterator[CheckConstraint]:
    for name, metric in metrics.items():
        if metric.kind in {"number", "whole"}:
            possible = f"{name} BETWEEN {metric.low} AND {metric.high}"
            yield CheckConstraint(possible, name=f"{name}_range")


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


_CARRIED = (
    *("recovery_score", "hrv", "resting_heart_rate", "sleep_hours", "strain"),
    *("state", "calibrating", "doubtful"),
)


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
        # The key carries what a roster reads of hundreds of clients.
        PrimaryKeyConstraint("organisation_id", "client_id", "date", postgresql_include=_CARRIED),
        belongs_to("clients", "client_id"),
        CheckConstraint("source IN ('whoop', 'manual')", name="source_known"),
        CheckConstraint("state IN ('provisional', 'final')", name="state_known"),
        *_possible(METRICS),
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


class StaleDays(Base, Owned):
    """From which date on what follows from a client's days is to be worked out again."""

    __tablename__ = "stale_days"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[Date]
    changes: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (belongs_to("clients", "client_id"),)


class Happened(Owned):
    """What a sleep and a workout share; the date is that of the cycle it belongs to.

    `key` is the API's id where the API tells of it; `sources` names who does.
    """

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[Date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    offset_minutes: Mapped[int]
    sources: Mapped[list[str]]


class Sleep(Base, Happened):
    """A night or a nap; hours are hours, the rest per cent and breaths a minute."""

    __tablename__ = "sleeps"

    nap: Mapped[bool | None]
    sleep_hours: Mapped[float | None]
    sleep_quality: Mapped[float | None]
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

    __table_args__ = (
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id", "date"),
        *_possible(SLEEP_METRICS),
    )


class Workout(Base, Happened):
    """One activity; its name is written as the API writes it (`ice-hockey`)."""

    __tablename__ = "workouts"

    activity: Mapped[str | None]
    strain: Mapped[float | None]
    energy_kj: Mapped[float | None]
    average_heart_rate: Mapped[int | None]
    max_heart_rate: Mapped[int | None]
    zone_0_minutes: Mapped[float | None]
    zone_1_minutes: Mapped[float | None]
    zone_2_minutes: Mapped[float | None]
    zone_3_minutes: Mapped[float | None]
    zone_4_minutes: Mapped[float | None]
    zone_5_minutes: Mapped[float | None]
    distance_m: Mapped[float | None]
    altitude_gain_m: Mapped[float | None]
    altitude_change_m: Mapped[float | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id", "date"),
        *_possible(WORKOUT_METRICS),
    )


class JournalEntry(Base, Owned):
    """One answered question of one cycle, in the words of the export. Intimate."""

    __tablename__ = "journal_entries"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[Date]
    cycle_started_at: Mapped[datetime]
    question: Mapped[str]
    answered_yes: Mapped[bool | None]
    notes: Mapped[str | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id", "date"),
    )
