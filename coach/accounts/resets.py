"""Forgotten passwords: a single-use link, good for an hour, that ends whatever was open."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update

from coach.accounts import endings, signin, throttle
from coach.accounts.links import token_for
from coach.accounts.models import PasswordReset, TokenKind, User
from coach.accounts.passwords import hash_password
from coach.accounts.person_models import EmailChange
from coach.extensions import db, settings
from coach.ids import new_id
from coach.web.session import end_sessions, hash_token
from coach.work.asking import Kind, ask
from coach.work.models import Queue

LASTS = timedelta(hours=1)
SEND = Kind("send_reset", Queue.MAIL)
FORGOTTEN = "forgotten"


def request_reset(email: str, *, address: str) -> None:
    """Ask for a reset mail; an unknown e-mail does the same, and sends nothing.

    Nor does one for which somebody asks again and again: a mailbox is not to be flooded, and the
    answer must not tell.
    """
    try:
        throttle.count_try(FORGOTTEN, email, address=address)
    except throttle.SlowDown:
        return
    user = db.session.scalar(
        select(User).where(User.email == email.lower(), User.disabled_at.is_(None))
    )
    if user is None:
        return
    reset_id = new_id()
    db.session.execute(
        insert(PasswordReset).values(
            id=reset_id,
            token_hash=hash_token(_token(reset_id)),
            user_id=user.id,
            expires_at=func.now() + LASTS,
        )
    )
    ask(SEND, organisation_id=None, subject_id=reset_id)


def link(reset_id: UUID) -> str:
    """Give the address the person opens to choose a new password."""
    return f"{settings().base_url}/reset/{_token(reset_id)}"


def is_open(token: str) -> bool:
    """Tell whether the link may still be used."""
    return db.session.scalar(select(PasswordReset.id).where(*_open(token))) is not None


def whose(token: str) -> list[str]:
    """Say what is known of the person a link belongs to: their e-mail."""
    mine = select(User.email).join(PasswordReset, PasswordReset.user_id == User.id)
    return list(db.session.scalars(mine.where(*_open(token))))


def choose_password(token: str, password: str) -> User | None:
    """Set the new password once and end all that was open; None when the link is spent."""
    user_id = db.session.scalar(
        update(PasswordReset)
        .where(*_open(token))
        .values(used_at=func.now())
        .returning(PasswordReset.user_id)
    )
    if user_id is None:
        return None
    user = db.session.get_one(User, user_id)
    user.password_hash = hash_password(password)
    end_sessions(user.id)
    endings.end_everywhere(user.id)
    spend_all(user.id)
    throttle.forgive(signin.SIGN_IN, user.email)  # the sign-in page promises that this helps
    return user


def spend_all(user_id: UUID) -> None:
    """Close every other link of this person: one of them may lie in somebody else's hands.

    Those to another e-mail address, too: who was warned of one chooses a new password.
    """
    for links in (PasswordReset, EmailChange):
        db.session.execute(
            update(links)
            .where(links.user_id == user_id, links.used_at.is_(None))
            .values(used_at=func.now())
        )


def _open(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        PasswordReset.token_hash == hash_token(token),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > func.now(),
    )


def _token(reset_id: UUID) -> str:
    return token_for(TokenKind.RESET, reset_id)
