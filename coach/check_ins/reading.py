"""What was said, for screens and for insights; the caller has found the client by the viewer."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from coach.check_ins.models import CheckIn, CoachNote, DayTag, MoodRating
from coach.database.tenancy import current_organisation
from coach.extensions import db


def check_in_of(client_id: UUID, day: date) -> CheckIn | None:
    """Find the answers of one date."""
    return db.session.scalar(
        select(CheckIn).where(
            CheckIn.organisation_id == current_organisation(),
            CheckIn.client_id == client_id,
            CheckIn.date == day,
        )
    )


def check_ins(client_ids: Collection[UUID], *, first: date, last: date) -> list[CheckIn]:
    """List answers of some clients, oldest first."""
    return list(
        db.session.scalars(
            select(CheckIn)
            .where(
                CheckIn.organisation_id == current_organisation(),
                CheckIn.client_id.in_(client_ids),
                CheckIn.date.between(first, last),
            )
            .order_by(CheckIn.date)
        )
    )


def mood_of(client_id: UUID, day: date) -> int | None:
    """Give the mood of one date, 1 to 10."""
    return db.session.scalar(
        select(MoodRating.rating).where(
            MoodRating.organisation_id == current_organisation(),
            MoodRating.client_id == client_id,
            MoodRating.date == day,
        )
    )


def tags(client_ids: Collection[UUID], *, first: date, last: date) -> list[DayTag]:
    """List the tags of some clients that touch a span of dates, newest first."""
    return list(
        db.session.scalars(
            select(DayTag)
            .where(
                DayTag.organisation_id == current_organisation(),
                DayTag.client_id.in_(client_ids),
                DayTag.first_date <= last,
                or_(DayTag.last_date.is_(None), DayTag.last_date >= first),
            )
            .order_by(DayTag.first_date.desc(), DayTag.id)
        )
    )


def tagged_dates(found: Iterable[DayTag], *, until: date) -> set[date]:
    """Name every date that some tags cover, up to `until`."""
    return {
        each.first_date + timedelta(days=step)
        for each in found
        for step in range((min(each.last_date or until, until) - each.first_date).days + 1)
    }


def notes(client_id: UUID, *, most: int = 20) -> list[CoachNote]:
    """List what coaches noted about a client, newest first."""
    return list(
        db.session.scalars(
            select(CoachNote)
            .where(
                CoachNote.organisation_id == current_organisation(),
                CoachNote.client_id == client_id,
            )
            .order_by(CoachNote.date.desc(), CoachNote.id.desc())
            .limit(most)
        )
    )
