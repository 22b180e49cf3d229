"""Alarms for whoever runs the installation: looked for each minute, told once, and over by themselves.

An alarm that is on is an open slot. Operators get a mail when it begins; metrics show it as long as
it lasts. It says what to look at, never whose it is.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select

from coach import mail
from coach.accounts.models import User
from coach.extensions import db, settings
from coach.operator import alarming
from coach.operator.alarm_words import ADVICE, TITLES
from coach.work import slots
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import DueSlot, Queue
from coach.work.perform import does

log = structlog.get_logger()

SEND: Final = Kind("operator_alarm", Queue.MAIL)
# What comes and goes is one story, told often enough.
QUIET_FOR: Final = timedelta(hours=1)
_SPACE: Final = UUID(int=0)


class Alarm(StrEnum):
    """What somebody has to look at soon."""

    GUESSING = "guessing"
    STRAYING = "straying"
    SEALS = "seals"
    GRANTS = "grants"
    ANNOUNCEMENTS = "announcements"
    QUOTA = "quota"


CHECKS: Mapping[Alarm, Callable[[], bool]] = {
    Alarm.GUESSING: alarming.somebody_guesses,
    Alarm.STRAYING: alarming.somebody_strays,
    Alarm.SEALS: alarming.seals_break,
    Alarm.GRANTS: alarming.grants_die,
    Alarm.ANNOUNCEMENTS: alarming.announcements_wait,
    Alarm.QUOTA: alarming.quota_is_nearly_spent,
}


def watch(*, now: datetime) -> None:
    """Begin alarms whose time has come, and end those that are over."""
    for alarm, is_on in CHECKS.items():
        if is_on():
            _begin(alarm, now)
        else:
            slots.take_due(_name(alarm), now=now)
        db.session.commit()


def gauges() -> Iterator[Metric]:
    """Tell which alarms are on."""
    gauge = GaugeMetricFamily("coach_alarm", "Whether an alarm is on.", labels=["alarm"])
    names = [_name(alarm) for alarm in Alarm]
    open_ = select(DueSlot.name).where(DueSlot.name.in_(names), DueSlot.taken_at.is_(None))
    on = set(db.session.scalars(open_))
    for alarm in Alarm:
        gauge.add_metric([alarm], float(_name(alarm) in on))
    yield gauge


@does(SEND)
def send(piece: Piece) -> None:
    """Do one piece of work: tell everybody who runs the installation of one alarm."""
    alarm = next(each for each in Alarm if _subject(each) == piece.subject_id)
    with unit_of_work():
        operators = select(User.email, User.locale).where(
            User.is_operator, User.disabled_at.is_(None)
        )
        found = db.session.execute(operators.order_by(User.email)).all()
    for email, locale in found:
        with force_locale(locale or "en"):
            mail.send(
                "operator/mail/alarm.txt",
                to=[email],
                subject=_("Coach: %(alarm)s", alarm=TITLES[alarm.value]),
                title=TITLES[alarm.value],
                advice=ADVICE[alarm.value],
                link=f"{settings().base_url}/operator",
            )


def _begin(alarm: Alarm, now: datetime) -> None:
    name, subject = _name(alarm), _subject(alarm)
    newest = db.session.scalar(select(func.max(DueSlot.due_at)).where(DueSlot.name == name))
    if slots.is_planned(name, subject_id=subject):
        return
    slots.plan(name, subject_id=subject, organisation_id=None, due_at=now)
    log.error("operator_alarm", alarm=alarm.value)
    if newest is None or newest < now - QUIET_FOR:
        ask(SEND, organisation_id=None, subject_id=subject)


def _name(alarm: Alarm) -> str:
    return f"alarm {alarm}"


def _subject(alarm: Alarm) -> UUID:
    return uuid5(_SPACE, _name(alarm))
