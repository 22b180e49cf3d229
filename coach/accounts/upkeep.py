"""Forget what has had its time: ended sessions, old tries to sign in, spent links, old invitations."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Delete, delete, func, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

from coach.accounts.links import strike_from_directory, token_for
from coach.accounts.models import Invitation, LoginAttempt, PasswordReset, TokenKind
from coach.accounts.organisations import every_organisation
from coach.accounts.person_models import EmailChange
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web.models import UserSession

A_DAY: Final = timedelta(days=1)
# Who was invited and never came: their address is kept no longer.
UNANSWERED_KEPT: Final = timedelta(days=90)

log = structlog.get_logger()


def forget_expired() -> None:
    """Delete rows that nothing can use any more, and say in the log how many."""
    unused = UserSession.last_seen < func.now() - timedelta(days=31)
    counts = {
        "sessions": _forget(
            delete(UserSession).where(or_(UserSession.ends_at < func.now(), unused))
        ),
        "tries": _forget(delete(LoginAttempt).where(_over(LoginAttempt.created_at))),
        "resets": _forget(delete(PasswordReset).where(_over(PasswordReset.expires_at))),
        "email_changes": _forget(delete(EmailChange).where(_over(EmailChange.expires_at))),
    }
    organisations = every_organisation()
    db.session.commit()
    counts["invitations"] = sum(_forget_unanswered(each) for each in organisations)
    log.info("forgotten", **counts)


def _over(column: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    return column < func.now() - A_DAY


def _forget(doomed: Delete) -> int:
    return len(db.session.scalars(doomed.returning(literal(1))).all())


def _forget_unanswered(organisation_id: UUID) -> int:
    with acting_for(organisation_id):
        doomed = delete(Invitation).where(
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at < func.now() - UNANSWERED_KEPT,
        )
        gone = db.session.scalars(doomed.returning(Invitation.id)).all()
        for invitation_id in gone:
            strike_from_directory(
                TokenKind.INVITATION, token_for(TokenKind.INVITATION, invitation_id)
            )
        db.session.commit()
    return len(gone)
