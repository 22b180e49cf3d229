"""AlertRule, Alert and Nudge, as stored."""

from datetime import date as Date  # noqa: N812  # the column is called date
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coach.accounts.models import FieldGroup
from coach.alerts.quiet import QuietState
from coach.alerts.rules import WATCHABLE
from coach.database.base import Base, Owned, OwnedRow, belongs_to, one_of

SIGNS = (*(name.value for name in WATCHABLE), *(state.value for state in QuietState))


class AlertState(StrEnum):
    """Where an alert stands; all but `ended` are still true."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    ENDED = "ended"


class AlertRule(Base, OwnedRow):
    """What one coach wants to be told of, and when; `digest_for` is the last day of the mail."""

    __tablename__ = "alert_rules"

    coach_id: Mapped[UUID]
    signals: Mapped[list[str]]
    watches_quiet: Mapped[bool] = mapped_column(server_default="true")
    sds: Mapped[float] = mapped_column(server_default="2")
    persistent: Mapped[bool] = mapped_column(server_default="true")
    cooldown_hours: Mapped[int] = mapped_column(server_default="24")
    timezone: Mapped[str]
    digest: Mapped[bool] = mapped_column(server_default="true")
    digest_hour: Mapped[int] = mapped_column(server_default="7")
    active: Mapped[bool] = mapped_column(server_default="true")
    looked_at: Mapped[datetime | None]
    digest_for: Mapped[Date | None]
    digested_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("memberships", "coach_id"),
        UniqueConstraint("organisation_id", "coach_id"),
        CheckConstraint("sds BETWEEN 1.5 AND 4", name="sds_range"),
        CheckConstraint("cooldown_hours BETWEEN 24 AND 336", name="cooldown_range"),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour_range"),
    )


class Alert(Base, OwnedRow):
    """One thing about one client, from the date it was raised to the last on which it showed.

    `evidence` holds the numbers and days behind it; `field_group` is what the client must share
    for it to be seen, None where it tells of the link alone. One that goes on stays one alert.
    """

    __tablename__ = "alerts"

    rule_id: Mapped[UUID]
    client_id: Mapped[UUID]
    signal: Mapped[str]
    field_group: Mapped[str | None]
    date: Mapped[Date]
    shown_until: Mapped[Date]
    formula_version: Mapped[int]
    evidence: Mapped[dict[str, object]]
    state: Mapped[str] = mapped_column(server_default=AlertState.OPEN.value)
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    snoozed_until: Mapped[Date | None]
    acted_by: Mapped[UUID | None]
    acted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("alert_rules", "rule_id"),
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "rule_id", "client_id", "signal", "date"),
        one_of("state", AlertState),
        one_of("field_group", FieldGroup),
        CheckConstraint(
            f"signal IN ({', '.join(repr(sign) for sign in SIGNS)})", name="signal_known"
        ),
        CheckConstraint(
            "(state = 'snoozed') = (snoozed_until IS NOT NULL)", name="snoozed_has_date"
        ),
        Index(
            "uq_alerts_live",
            "organisation_id",
            "rule_id",
            "client_id",
            "signal",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
        Index(None, "organisation_id", "client_id"),
    )


class Nudge(Base, Owned):
    """After how many quiet days a client wants one message (0: never), and when the last was due.

    Who sent data after `nudged_on` may be nudged again about the next gap, and nobody else.
    """

    __tablename__ = "nudges"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    after_days: Mapped[int] = mapped_column(server_default="3")
    nudged_on: Mapped[Date | None]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        CheckConstraint("after_days BETWEEN 0 AND 30", name="after_days_range"),
    )
