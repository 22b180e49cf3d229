"""WeeklyPlan and WeeklyMail, as stored."""

from datetime import date as Date  # noqa: N812  # as in the other models
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Owned, OwnedRow, belongs_to

LONGEST_PLAN = 500
ONE_OF_COACH = ("organisation_id", "coach_id", "monday", "client_id")
HAS_COACH = text("coach_id IS NOT NULL")


class WeeklyPlan(Base, OwnedRow):
    """What a coach wants to watch in one week, of one client or, without one, of all of theirs.

    The client reads it. It stays, without a name, when the account of the coach is deleted.
    """

    __tablename__ = "weekly_plans"

    coach_id: Mapped[UUID | None]
    client_id: Mapped[UUID | None]
    monday: Mapped[Date]
    text: Mapped[str]

    __table_args__ = (
        belongs_to("memberships", "coach_id", ondelete="SET NULL (coach_id)"),
        belongs_to("clients", "client_id"),
        # Of each coach one; two who are gone may have left one each.
        Index(
            "uq_weekly_plans_of_coach",
            *ONE_OF_COACH,
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=HAS_COACH,
        ),
        CheckConstraint("extract(isodow FROM monday) = 1", name="monday_is_one"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST_PLAN}", name="text_length"),
        Index(None, "organisation_id", "client_id", "monday"),
    )


class WeeklyMail(Base, Owned):
    """A coach who wants the Monday e-mail; `last_monday` is of the newest mail that was asked for.

    Without a row there is no mail.
    """

    __tablename__ = "weekly_mails"

    coach_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_monday: Mapped[Date]

    __table_args__ = (belongs_to("memberships", "coach_id"),)
