"""The table of who sees what: coaches and owners in rows, field groups across."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from werkzeug.datastructures import MultiDict

from coach.accounts import consents
from coach.accounts.access import Viewer
from coach.accounts.models import Client, CoachClient, FieldGroup, Membership, Role
from coach.extensions import db

A_DAY = timedelta(days=1)


class BadDate(Exception):
    """An end that is no date, or is over."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person who may look (`coach` None: everybody who coaches) and what they are shown.

    `until` is the last day that is shared, on the client's own calendar.
    """

    coach: Membership | None
    groups: frozenset[FieldGroup] = frozenset()
    until: date | None = None
    ends: Mapping[FieldGroup, date | None] = field(default_factory=dict)

    @property
    def coach_id(self) -> UUID | None:
        return self.coach.id if self.coach else None

    @property
    def suffix(self) -> str:
        """End the names of this row's fields, so that each row has its own."""
        return f"-{self.coach.id}" if self.coach else ""


def rows(client: Client) -> list[Row]:
    """List everybody first, then each who coaches the client or owns the organisation."""
    given = consents.given_by(client.id)
    return [_row(coach, given, client) for coach in (None, *_who_may_look(client))]


def save(client: Client, form: MultiDict[str, str], *, today: date, by: Viewer) -> None:
    """Make what is shared what the form says; raises BadDate, and then nothing was changed."""
    wanted = [
        (row, _groups(form, row), _end(form, row, today=today, timezone=client.timezone))
        for row in rows(client)
        if row.coach is None or f"row{row.suffix}" in form  # a coach who came since is left alone
    ]
    for row, groups, ends_at in wanted:
        consents.decide(row.coach_id, groups, ends_at, by=by)


def _row(coach: Membership | None, given: consents.Given, client: Client) -> Row:
    ends = {
        group: _last_day(ends_at, client.timezone)
        for group, ends_at in given.get(coach.id if coach else None, {}).items()
    }
    until = max((day for day in ends.values() if day), default=None)
    return Row(coach, frozenset(ends), until, ends)


def _who_may_look(client: Client) -> list[Membership]:
    coaches = and_(
        CoachClient.organisation_id == Membership.organisation_id,
        CoachClient.coach_id == Membership.id,
        CoachClient.client_id == client.id,
    )
    return list(
        db.session.scalars(
            select(Membership)
            .join(CoachClient, coaches, isouter=True)
            .where(
                Membership.organisation_id == client.organisation_id,
                Membership.removed_at.is_(None),
                or_(CoachClient.coach_id.is_not(None), Membership.role == Role.OWNER),
            )
            .order_by(Membership.role, Membership.name)
        )
    )


def _groups(form: MultiDict[str, str], row: Row) -> frozenset[FieldGroup]:
    ticked = form.getlist(f"share{row.suffix}")
    return frozenset(group for group in FieldGroup if group.value in ticked)


def _end(form: MultiDict[str, str], row: Row, *, today: date, timezone: str) -> datetime | None:
    """Read the last day as the moment at which it is over where the client lives."""
    typed = form.get(f"until{row.suffix}", "").strip()
    if not typed:
        return None
    try:
        last = date.fromisoformat(typed)
        if last < today:
            raise BadDate
        return datetime.combine(last + A_DAY, time(), ZoneInfo(timezone))
    except (ValueError, OverflowError):
        raise BadDate from None


def _last_day(ends_at: datetime | None, timezone: str) -> date | None:
    return (ends_at.astimezone(ZoneInfo(timezone)) - A_DAY).date() if ends_at else None
