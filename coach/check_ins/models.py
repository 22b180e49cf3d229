"""MoodRating, CheckIn, DayTag and CoachNote, as stored."""

from datetime import date as Date  # noqa: N812  # the column is called date
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Owned, OwnedRow, belongs_to, one_of
from coach.science.feelings import HIGHEST, ITEMS, LOWEST

MOOD_LOWEST, MOOD_HIGHEST = 1, 10


class TagKind(StrEnum):
    """What a dated tag says; tagged days are left out of baselines."""

    ILL = "ill"
    INJURED = "injured"
    TRAVELLING = "travelling"
    COMPETITION = "competition"
    HOLIDAY = "holiday"
    MEDICATION = "medication"


class MoodRating(Base, OwnedRow):
    """How somebody's mood was on one date, 1 to 10; the day's `mood` is its copy."""

    __tablename__ = "mood_ratings"

    client_id: Mapped[UUID]
    date: Mapped[Date]
    rating: Mapped[int]
    rated_by: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "client_id", "date"),
        CheckConstraint(f"rating BETWEEN {MOOD_LOWEST} AND {MOOD_HIGHEST}", name="rating_range"),
    )


class CheckIn(Base, OwnedRow):
    """One date's answers: the items of the Hooper index, each optional, and who has seen them."""

    __tablename__ = "check_ins"

    client_id: Mapped[UUID]
    date: Mapped[Date]
    sleep: Mapped[int | None]
    stress: Mapped[int | None]
    fatigue: Mapped[int | None]
    soreness: Mapped[int | None]
    note: Mapped[str | None]
    answered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_by: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "client_id", "date"),
        *(
            CheckConstraint(f"{item} BETWEEN {LOWEST} AND {HIGHEST}", name=f"{item}_range")
            for item in ITEMS
        ),
    )


class ArrivedAnswer(Base, Owned):
    """An answer made offline that has arrived, by the id its device gave it: it counts once."""

    __tablename__ = "arrived_answers"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date]

    __table_args__ = (belongs_to("clients", "client_id"),)


class DayTag(Base, OwnedRow):
    """A span of dates on which something was different; without a last date it goes on."""

    __tablename__ = "day_tags"

    client_id: Mapped[UUID]
    kind: Mapped[str]
    first_date: Mapped[Date]
    last_date: Mapped[Date | None]
    note: Mapped[str | None]
    said_by: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("kind", TagKind),
        CheckConstraint("last_date IS NULL OR last_date >= first_date", name="last_after_first"),
        Index(None, "organisation_id", "client_id", "first_date"),
    )


class CoachNote(Base, OwnedRow):
    """What a coach wrote down about a client; read by the client's coaches."""

    __tablename__ = "notes"

    client_id: Mapped[UUID]
    author_id: Mapped[UUID | None]
    date: Mapped[Date]
    text: Mapped[str]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id", "date"),
    )
