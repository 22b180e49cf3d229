"""What the client sees of today and of their days."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.days.calendar import today
from coach.days.models import DailyLog
from coach.extensions import db

DAYS_SHOWN = 30


def local_today(client: Client, *, now: datetime) -> date:
    """Say which date it is where the client lives."""
    return today(now, client.timezone)


def days(client: Client, *, until: date, by: Viewer) -> list[DailyLog]:
    """List the last days of the client, newest first."""
    return list(
        db.session.scalars(
            select(DailyLog)
            .where(
                DailyLog.organisation_id == by.organisation_id,
                DailyLog.client_id == client.id,
                DailyLog.date > until - timedelta(days=DAYS_SHOWN),
            )
            .order_by(DailyLog.date.desc())
        )
    )
