"""What belongs to one person's account: preferences, the second factor, a change of e-mail."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import EMPTY_LIST, Base, Identified, Owned, one_of
from coach.web.taste import EnergyUnit, Theme, Units


class UserPreference(Base, Owned):
    """How one person wants one organisation's pages and mails; hours are on their own clock."""

    __tablename__ = "user_preferences"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    trends_only: Mapped[bool] = mapped_column(server_default="false")
    locale: Mapped[str | None]
    timezone: Mapped[str | None]  # of coaches and owners; a client's stands with their days
    units: Mapped[str | None]
    energy_unit: Mapped[str | None]
    theme: Mapped[str | None]
    week_start: Mapped[int | None]  # ISO: 1 is Monday
    reminder_hour: Mapped[int | None]  # of the check-in; None is off
    reminded_on: Mapped[date | None]  # the last date of theirs on which they were

    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["memberships.organisation_id", "memberships.user_id"],
            ondelete="CASCADE",
        ),
        one_of("units", Units),
        one_of("energy_unit", EnergyUnit),
        one_of("theme", Theme),
        CheckConstraint("week_start BETWEEN 1 AND 7", name="week_start_range"),
        CheckConstraint("reminder_hour BETWEEN 0 AND 23", name="reminder_hour_range"),
    )


class SecondFactor(Base):
    """A secret shared with an app that shows codes; it counts once a first code confirmed it."""

    __tablename__ = "mfa"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str]  # sealed
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]  # of the newest code that was accepted: none counts twice
    recovery_hashes: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)


class EmailChange(Base, Identified):
    """A single-use link that proves a new e-mail address; only its hash is kept."""

    __tablename__ = "email_changes"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str]
    old_email: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "user_id"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )
