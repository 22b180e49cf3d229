"""What was said, for screens and for insights; the caller has found the client by the viewer."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased

from coach.check_ins.models import CheckIn, CoachNote, DayTag
from coach.database.tenancy import current_organisation
from coach.days.models import DailyLog
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


def newest_heard(client_id: UUID, *, since: date) -> CheckIn | None:
    """Find the newest answers that a coach has seen or replied to."""
    heard = or_(CheckIn.seen_at.is_not(None), CheckIn.replied_at.is_not(None))
    return db.session.scalar(
        select(CheckIn)
        .where(
            CheckIn.organisation_id == current_organisation(),
            CheckIn.client_id == client_id,
            CheckIn.date >= since,
            heard,
        )
        .order_by(CheckIn.date.desc())
        .limit(1)
    )


def check_ins(client_ids: Collection[UUID], *, first: date, last: date) -> list[CheckIn]:
    """List answers of some clients, oldest first."""
    answered = _answered(client_ids, first, last)
    return list(db.session.scalars(select(CheckIn).where(answered).order_by(CheckIn.date)))


def mood_of(client_id: UUID, day: date) -> int | None:
    """Give the mood of one date, 1 to 10, as its day has it: the newest word, wherever said."""
    return db.session.scalar(
        select(DailyLog.mood).where(
            DailyLog.organisation_id == current_organisation(),
            DailyLog.client_id == client_id,
            DailyLog.date == day,
        )
    )


def tags(client_ids: Collection[UUID], *, first: date, last: date) -> list[DayTag]:
    """List the tags of some clients that touch a span of dates, newest first."""
    tagged = _tagged(client_ids, first, last)
    newest_first = (DayTag.first_date.desc(), DayTag.id)
    return list(db.session.scalars(select(DayTag).where(tagged).order_by(*newest_first)))


def said(client_id: UUID, *, first: date, last: date) -> tuple[list[CheckIn], list[DayTag]]:
    """List answers, oldest first, and tags, newest first, of one client; one statement."""
    answers = select(CheckIn).where(_answered([client_id], first, last)).subquery()
    tagged = select(DayTag).where(_tagged([client_id], first, last)).subquery()
    an_answer, a_tag = aliased(CheckIn, answers), aliased(DayTag, tagged)
    found = db.session.execute(
        select(an_answer, a_tag)
        .join(a_tag, false(), full=True)  # no row has both
        .order_by(an_answer.date, a_tag.first_date.desc(), a_tag.id)
    ).all()
    return [row[0] for row in found if row[0]], [row[1] for row in found if row[1]]


def _answered(client_ids: Collection[UUID], first: date, last: date) -> ColumnElement[bool]:
    return and_(
        CheckIn.organisation_id == current_organisation(),
        CheckIn.client_id.in_(client_ids),
        CheckIn.date.between(first, last),
    )


def _tagged(client_ids: Collection[UUID], first: date, last: date) -> ColumnElement[bool]:
    return and_(
        DayTag.organisation_id == current_organisation(),
        DayTag.client_id.in_(client_ids),
        DayTag.first_date <= last,
        or_(DayTag.last_date.is_(None), DayTag.last_date >= first),
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
