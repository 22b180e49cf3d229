"""How often somebody may ask for a mail again: a mailbox is not to be flooded from here."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from coach.accounts.models import AuditEntry
from coach.database.tenancy import current_organisation
from coach.extensions import db

A_DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 3


class TooOften(Exception):
    """It was asked for three times within a day already."""


def refuse_too_often(action: str, *, subject: UUID | None = None, by: UUID | None = None) -> None:
    """Raise TooOften when the log holds three such deeds of the last day.

    What is given of `subject` and `by` tells the deeds apart. The caller holds the row that the
    mail is about, so that of two at once one sees the other.
    """
    same = [
        column == value
        for column, value in ((AuditEntry.subject_id, subject), (AuditEntry.actor_id, by))
        if value is not None
    ]
    asked = select(func.count()).where(
        AuditEntry.organisation_id == current_organisation(),
        AuditEntry.action == action,
        AuditEntry.created_at > func.now() - A_DAY,
        *same,
    )
    if (db.session.scalar(asked) or 0) >= MOST_A_DAY:
        raise TooOften
