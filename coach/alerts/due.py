"""Whose alerts are to be looked at, and whose morning mail is due; any scheduler may ask."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from coach.accounts.models import CoachClient
from coach.accounts.organisations import every_organisation
from coach.alerts import coaches
from coach.alerts.digest import DIGEST
from coach.alerts.models import AlertRule
from coach.alerts.raising import LOOK
from coach.database.tenancy import act_for, act_for_nobody, current_organisation
from coach.extensions import db
from coach.insights.models import Insight
from coach.work.asking import ask_of_many
from coach.work.models import Lane

# A transaction that began before we looked may end after it.
OVERLAP = timedelta(minutes=2)
# Silence changes no row: time alone makes it worth telling.
LOOK_AGAIN = timedelta(hours=1)
RECENT_DAYS = 4
# Nobody reads in the evening what was due in the morning.
LATEST_HOURS = 4


def ask_where_due(*, now: datetime) -> int:
    """Ask for the alerts of every coach whose clients have changed; how many coaches."""
    asked = 0
    for organisation_id in _organisations():
        coaches.give_everybody_a_rule()
        rules = list(db.session.scalars(select(AlertRule.id).where(_mine(), _is_out_of_date(now))))
        ask_of_many(LOOK, organisation_id=organisation_id, subject_ids=rules, lane=Lane.RECONCILE)
        asked += len(rules)
    return asked


def ask_for_digests(*, now: datetime) -> int:
    """Ask for the mail of every coach whose hour has come; how many mails."""
    asked = 0
    for organisation_id in _organisations():
        rules = db.session.scalars(
            select(AlertRule).where(_mine(), AlertRule.active, AlertRule.digest)
        )
        due = [each.id for each in rules if digest_day(each, now) is not None]
        ask_of_many(DIGEST, organisation_id=organisation_id, subject_ids=due, lane=Lane.RECONCILE)
        asked += len(due)
    return asked


def digest_day(rule: AlertRule, now: datetime) -> date | None:
    """Name the day whose mail is due on the coach's own clock; None when none is."""
    here = now.astimezone(ZoneInfo(rule.timezone))
    is_time = rule.digest_hour <= here.hour < rule.digest_hour + LATEST_HOURS
    return here.date() if is_time and rule.digest_for != here.date() else None


def _organisations() -> Iterator[UUID]:
    """Act for one organisation after the other, each in its own transaction."""
    for organisation_id in every_organisation():
        act_for(organisation_id, user_id=None, session=db.session())
        yield organisation_id
        db.session.commit()
    act_for_nobody()


def _mine() -> ColumnElement[bool]:
    return AlertRule.organisation_id == current_organisation()


def _is_out_of_date(now: datetime) -> ColumnElement[bool]:
    """Tell of a rule whether what it rests on has changed since it was looked at."""
    coached = and_(
        CoachClient.organisation_id == Insight.organisation_id,
        CoachClient.client_id == Insight.client_id,
    )
    changed = (
        select(Insight.client_id)
        .join(CoachClient, coached)
        .where(
            CoachClient.organisation_id == AlertRule.organisation_id,
            CoachClient.coach_id == AlertRule.coach_id,
            Insight.date >= now.date() - timedelta(days=RECENT_DAYS),
            Insight.updated_at > AlertRule.looked_at - OVERLAP,
        )
    )
    never_or_long_ago = func.coalesce(AlertRule.looked_at < now - LOOK_AGAIN, literal(value=True))
    return or_(never_or_long_ago, and_(AlertRule.active, changed.exists()))
