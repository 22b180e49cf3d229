"""The Monday e-mail: who wants it, whose turn it is, and sending it.

A coach is asked for once a week whatever the number of schedulers: the row that says who wants the
mail also says which Monday was the last, and only who moves it on asks.
"""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from coach import mail
from coach.accounts.access import Viewer
from coach.accounts.models import Membership, Organisation, Role, TokenDirectory, TokenKind, User
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db, settings
from coach.weekly import review
from coach.weekly.models import WeeklyMail
from coach.weekly.week import Week
from coach.weekly.words import group_glance, week_name
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

SEND = Kind("weekly_mail", Queue.MAIL)
FROM_HOUR = 7


def wants(viewer: Viewer) -> bool:
    """Tell whether somebody has switched their mail on."""
    return db.session.scalar(select(WeeklyMail.coach_id).where(*_mine(viewer))) is not None


def switch(viewer: Viewer, *, on: bool, now: datetime) -> None:
    """Switch the mail on from the next Monday, or off."""
    if not on:
        db.session.execute(delete(WeeklyMail).where(*_mine(viewer)))
        return
    timezone = db.session.get_one(Organisation, viewer.organisation_id).timezone
    row = insert(WeeklyMail).values(
        organisation_id=viewer.organisation_id,
        coach_id=viewer.membership_id,
        last_monday=_monday(now, timezone),
    )
    db.session.execute(row.on_conflict_do_nothing())


def ask_where_due(*, now: datetime) -> int:
    """Ask for the mail of everybody whose Monday morning has come; how many they are."""
    asked = 0
    slugs = select(TokenDirectory.organisation_id).where(TokenDirectory.kind == TokenKind.SLUG)
    for organisation_id in db.session.scalars(slugs).all():
        if organisation_id is not None:
            act_for(organisation_id, user_id=None, session=db.session())
            asked += _ask_in(organisation_id, now)
            db.session.commit()
    act_for_nobody()
    return asked


def _ask_in(organisation_id: UUID, now: datetime) -> int:
    timezone = db.session.scalar(
        select(Organisation.timezone).where(
            Organisation.id == organisation_id, Organisation.suspended_at.is_(None)
        )
    )
    if timezone is None:
        return 0
    monday = _monday(now, timezone)
    due = (
        update(WeeklyMail)
        .where(WeeklyMail.organisation_id == organisation_id, WeeklyMail.last_monday < monday)
        .values(last_monday=monday)
        .returning(WeeklyMail.coach_id)
    )
    coaches = list(db.session.scalars(due))
    for coach_id in coaches:
        ask(SEND, organisation_id=organisation_id, subject_id=coach_id)
    return len(coaches)


def _monday(now: datetime, timezone: str) -> date:
    """Name the newest Monday on which it has been seven in the morning there."""
    local = now.astimezone(ZoneInfo(timezone))
    week = Week.of(local.date())
    early = local.date() == week.monday and local.hour < FROM_HOUR
    return week.back(1).monday if early else week.monday


@does(SEND)
def send(piece: Piece) -> None:
    """Send a coach the week that is over, unless there is nothing to say of it."""
    with unit_of_work():
        found = _coach(piece)
        if found is None:
            return
        looking, locale = found
        over = Week.of(_today(piece)).back(1)
        clients = db.session.scalars(looking.clients()).all()
        told = review.of_clients(clients, over, by=looking, now=piece.started_at)
    if not told.says_something:
        return
    with force_locale(locale):
        # Counts alone: a mail lies unsealed with others and outlives a consent that is taken
        # back. Names and values are in the app, behind the sign-in and today's consent.
        mail.send(
            "weekly/mail/monday.txt",
            to=[looking.email],
            subject=_("Your clients: %(week)s", week=week_name(over)),
            name=looking.name,
            week=over,
            glance=group_glance(told),
            link=f"{settings().base_url}/dashboard/weeks/{over}",
        )


def _today(piece: Piece) -> date:
    zone = db.session.scalar(
        select(Organisation.timezone).where(Organisation.id == piece.organisation_id)
    )
    return piece.started_at.astimezone(ZoneInfo(zone or "UTC")).date()


def _coach(piece: Piece) -> tuple[Viewer, str] | None:
    """See with the eyes of a coach who is still one, and still wants the mail."""
    found: Row[Membership, Organisation, str, str | None] | None = db.session.execute(
        select(Membership, Organisation, User.email, User.locale)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .join(WeeklyMail, WeeklyMail.coach_id == Membership.id)
        .where(
            Membership.organisation_id == piece.organisation_id,
            WeeklyMail.organisation_id == piece.organisation_id,
            Membership.id == piece.subject_id,
            Membership.role.in_([Role.COACH, Role.OWNER]),
            Membership.removed_at.is_(None),
            Organisation.suspended_at.is_(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    membership, organisation, email, locale = found
    looking = Viewer(
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        user_id=membership.user_id,
        membership_id=membership.id,
        role=Role(membership.role),
        name=membership.name,
        email=email,
        timezone=organisation.timezone,
        client_id=None,
    )
    return looking, locale or organisation.locale


def _mine(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        WeeklyMail.organisation_id == viewer.organisation_id,
        WeeklyMail.coach_id == viewer.membership_id,
    )
