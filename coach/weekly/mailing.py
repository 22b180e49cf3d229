"""The Monday e-mail: who wants it, whose turn it is, and sending it.

A coach is asked for once a week whatever the number of schedulers: the row that says who wants the
mail also says which Monday was the last, and only who moves it on asks.
"""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from coach import mail
from coach.accounts.access import Viewer, written_to
from coach.accounts.models import Organisation
from coach.accounts.organisations import every_organisation
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
    for organisation_id in every_organisation():
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
    found = written_to(piece.subject_id)
    return found if found and wants(found[0]) else None


def _mine(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        WeeklyMail.organisation_id == viewer.organisation_id,
        WeeklyMail.coach_id == viewer.membership_id,
    )
