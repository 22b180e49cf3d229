"""Forget made files after their day, and go on with deletions that came to a halt."""

from datetime import datetime

from sqlalchemy import delete, select

from coach.accounts.models import TokenDirectory, TokenKind, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy import leaving, making
from coach.privacy.erasing import ERASE_ACCOUNT
from coach.work.asking import ask


def forget_made_files(*, now: datetime) -> None:
    """Delete files whose day is over, their links, and what no row knows of any more."""
    over = TokenDirectory.created_at < now - making.KEPT
    links = db.session.scalars(
        select(TokenDirectory).where(TokenDirectory.kind == TokenKind.DOWNLOAD, over)
    ).all()
    organisations = {link.organisation_id for link in links if link.organisation_id}
    for link in links:
        db.session.delete(link)
    db.session.commit()
    for organisation_id in organisations:
        with acting_for(organisation_id):
            making.forget_old(organisation_id, now)
            db.session.commit()
    making.forget_old_files(now)


def forget_leaving_links(*, now: datetime) -> None:
    """Strike links by which those who left could have decided, once their time is over."""
    over = TokenDirectory.created_at < now - leaving.DECIDES_WITHIN
    theirs = TokenDirectory.kind == TokenKind.LEAVING
    db.session.execute(delete(TokenDirectory).where(theirs, over))
    db.session.commit()


def go_on_deleting() -> None:
    """Ask again for accounts whose deletion is asked for and not done."""
    waiting = select(User.id).where(User.erase_asked_at.is_not(None))
    for user_id in db.session.scalars(waiting).all():
        ask(ERASE_ACCOUNT, organisation_id=None, subject_id=user_id)
    db.session.commit()
