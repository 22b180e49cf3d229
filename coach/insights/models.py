"""Insight and BurnoutScore: what follows from one client's days up to one date, as stored."""

from datetime import date as Date  # noqa: N812  # the column is called date
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Owned, belongs_to, one_of
from coach.science.burnout import LineName, LineState
from coach.science.hrv import Position


class Insight(Base, Owned):
    """The figures of one date and the signals that show, each with its numbers.

    `behind` holds, per figure, the count of days behind it and how far it may be trusted.
    `attention` counts every signal, shared or not: who looks for others asks the summary.
    """

    __tablename__ = "insights"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date] = mapped_column(primary_key=True)
    formula_version: Mapped[int]
    hrv_week_ms: Mapped[float | None]
    hrv_low_ms: Mapped[float | None]
    hrv_high_ms: Mapped[float | None]
    hrv_position: Mapped[str]
    hrv_days_outside: Mapped[int]
    rhr_drift_bpm: Mapped[float | None]
    rhr_raised: Mapped[bool]
    sleep_hours: Mapped[float | None]
    sleep_balance_hours: Mapped[float | None]
    sleep_debt_hours: Mapped[float | None]
    load_change_percent: Mapped[float | None]
    hooper_week: Mapped[float | None]
    attention: Mapped[int]
    behind: Mapped[dict[str, dict[str, object]]] = mapped_column(JSONB)
    signals: Mapped[list[dict[str, object]]] = mapped_column(JSONB)

    __table_args__ = (belongs_to("clients", "client_id"), one_of("hrv_position", Position))


class BurnoutScore(Base, Owned):
    """The three lines of one date (body, sleep, feeling), with the factors of each; no number."""

    __tablename__ = "burnout_scores"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date] = mapped_column(primary_key=True)
    formula_version: Mapped[int]
    body: Mapped[str]
    sleep: Mapped[str]
    feeling: Mapped[str]
    factors: Mapped[dict[str, list[dict[str, object]]]] = mapped_column(JSONB)

    __table_args__: tuple[object, ...] = (
        belongs_to("clients", "client_id"),
        *(one_of(line, LineState) for line in LineName),
    )
