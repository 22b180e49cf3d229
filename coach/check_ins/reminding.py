"""A mail at the client's own hour when today's check-in is open: once a day, and only if asked for.

The date on which somebody was reminded is written before the mail goes out: whatever the number
of schedulers and workers, it is one mail.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from coach import mail
from coach.accounts.models import Client, Membership, Organisation, User
from coach.accounts.organisations import every_organisation
from coach.accounts.person_models import UserPreference
from coach.check_ins import reading
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db, settings
from coach.work import clock
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

SEND = Kind("check_in_reminder", Queue.MAIL)
HOURS_LATE = 2  # a scheduler that was away still reminds so long after the hour


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder that is ours to send."""

    to: str
    name: str
    locale: str
    day: date


def ask_where_due(*, now: datetime) -> int:
    """Ask for the reminder of everybody whose hour it is; how many they are."""
    asked = 0
    for organisation_id in every_organisation():
        act_for(organisation_id, user_id=None, session=db.session())
        due = [row.client_id for row in _wanted(organisation_id) if _is_due(row, now)]
        for client_id in due:
            ask(SEND, organisation_id=organisation_id, subject_id=client_id)
        db.session.commit()
        asked += len(due)
    act_for_nobody()
    return asked


@does(SEND)
def send_reminder(piece: Piece) -> None:
    """Do one piece of work: remind, unless they were, or have answered in the meantime."""
    with unit_of_work():
        letter = _claim(piece)
    if letter is None:
        return
    try:
        _send(letter)
    except OSError:  # the mail server did not take it
        with unit_of_work():
            _set_reminded(piece, letter.day - timedelta(days=1), instead_of=letter.day)
        raise


def _wanted(
    organisation_id: UUID, client_id: UUID | None = None
) -> list[Row[UUID, str, str, int, date | None, str, str]]:
    """List who wants to be reminded; of one client where one is named."""
    chosen = (
        select(
            Client.id.label("client_id"),
            Client.name,
            Client.timezone,
            UserPreference.reminder_hour,
            UserPreference.reminded_on,
            User.email,
            func.coalesce(UserPreference.locale, User.locale, Organisation.locale).label("locale"),
        )
        .join(UserPreference, _same(UserPreference))
        .join(Membership, _same(Membership))
        .join(User, User.id == Client.user_id)
        .join(Organisation, Organisation.id == Client.organisation_id)
        .where(
            Client.organisation_id == organisation_id,
            Client.archived_at.is_(None),
            Membership.removed_at.is_(None),
            User.disabled_at.is_(None),
            UserPreference.reminder_hour.is_not(None),
        )
    )
    return list(db.session.execute(chosen.where(Client.id == client_id) if client_id else chosen))


def _same(table: type[UserPreference | Membership]) -> ColumnElement[bool]:
    return and_(table.organisation_id == Client.organisation_id, table.user_id == Client.user_id)


def _is_due(row: Row[UUID, str, str, int, date | None, str, str], now: datetime) -> bool:
    """Tell whether it is somebody's hour, and they neither were reminded today nor answered."""
    here = now.astimezone(ZoneInfo(row.timezone))
    if not 0 <= here.hour - row.reminder_hour <= HOURS_LATE or row.reminded_on == here.date():
        return False
    answered = reading.check_in_of(row.client_id, here.date())
    return answered is None


def _claim(piece: Piece) -> Letter | None:
    """Write the reminder down as sent before it is: twice would be worse than never."""
    moment = db.session.execute(select(clock.moment())).scalar_one()
    organisation_id, client_id = piece.organisation_id, piece.subject_id
    if organisation_id is None:
        return None
    for row in _wanted(organisation_id, client_id):
        day = moment.astimezone(ZoneInfo(row.timezone)).date()
        if _is_due(row, moment) and _set_reminded(piece, day):
            return Letter(row.email, row.name, row.locale, day)
    return None


def _set_reminded(piece: Piece, day: date, *, instead_of: date | None = None) -> bool:
    of_client = select(Client.user_id).where(
        Client.organisation_id == piece.organisation_id, Client.id == piece.subject_id
    )
    before = UserPreference.reminded_on
    changed = db.session.scalar(
        update(UserPreference)
        .where(
            UserPreference.organisation_id == piece.organisation_id,
            UserPreference.user_id == of_client.scalar_subquery(),
            before == instead_of if instead_of else or_(before.is_(None), before != day),
        )
        .values(reminded_on=day)
        .returning(UserPreference.user_id)
    )
    return changed is not None


def _send(letter: Letter) -> None:
    with force_locale(letter.locale):
        mail.send(
            "check_ins/mail/reminder.txt",
            to=[letter.to],
            subject=_("Your check-in of today"),
            name=letter.name,
            link=f"{settings().base_url}/cabinet/check-in",
        )
