"""Finished work and taken slots go after a month; what is open stays however old it is."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from coach.extensions import db
from coach.work.models import DueSlot, Work

KEPT = timedelta(days=30)


def forget_finished(*, now: datetime) -> None:
    """Delete what ended, or was taken, a month ago."""
    db.session.execute(delete(Work).where(Work.finished_at < now - KEPT))
    db.session.execute(delete(DueSlot).where(DueSlot.taken_at < now - KEPT))
    db.session.commit()
