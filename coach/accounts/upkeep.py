"""Forget what has had its time: ended sessions, old tries to sign in, spent links."""

from datetime import timedelta

from sqlalchemy import delete, func, or_

from coach.accounts.models import LoginAttempt, PasswordReset
from coach.extensions import db
from coach.web.models import UserSession

A_DAY = timedelta(days=1)


def forget_expired() -> None:
    """Delete rows that nothing can use any more, in one transaction."""
    unused = UserSession.last_seen < func.now() - timedelta(days=31)
    db.session.execute(delete(UserSession).where(or_(UserSession.ends_at < func.now(), unused)))
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.created_at < func.now() - A_DAY))
    db.session.execute(delete(PasswordReset).where(PasswordReset.expires_at < func.now() - A_DAY))
    db.session.commit()
