"""What a person changes of their own account: name, password, e-mail, clock."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, update

from coach.accounts import audit, resets
from coach.accounts.access import Viewer
from coach.accounts.links import token_for
from coach.accounts.mail_limits import refuse_too_often
from coach.accounts.models import Client, Membership, TokenKind, User
from coach.accounts.passwords import hash_password
from coach.accounts.person_models import EmailChange
from coach.extensions import db, settings
from coach.ids import new_id
from coach.web.session import current_session, end_sessions, hash_token
from coach.work.asking import Kind, ask
from coach.work.models import Queue

LASTS = timedelta(hours=1)
SEND_LINK = Kind("send_email_link", Queue.MAIL)
SEND_NOTICE = Kind("send_email_notice", Queue.MAIL)


def change_name(name: str, *, by: Viewer) -> None:
    """Be called otherwise in the organisation they look at."""
    here = Membership.organisation_id == by.organisation_id
    db.session.execute(
        update(Membership).where(here, Membership.id == by.membership_id).values(name=name)
    )
    db.session.execute(update(Client).where(*_own_client(by)).values(name=name))
    audit.record("name_changed", by=by.user_id, subject=by.membership_id)


def change_timezone(timezone: str, *, by: Viewer) -> None:
    """Move a client's clock: from the next day on, their days begin and end by it."""
    db.session.execute(update(Client).where(*_own_client(by)).values(timezone=timezone))


def change_password(password: str, *, by: Viewer) -> None:
    """Set a new password, end every other session, and close every link to choose one."""
    user = db.session.get_one(User, by.user_id)
    user.password_hash = hash_password(password)
    end_sessions(user.id, but=current_session())
    resets.spend_all(user.id)
    audit.record("password_changed", by=by.user_id)


def ask_for_email(email: str, *, by: Viewer) -> None:
    """Mail a link to the new address and a notice to the old; nothing changes before it is opened.

    An address that somebody else has gets the same answer, and no mail. Raises TooOften.
    """
    db.session.get_one(User, by.user_id, with_for_update=True)
    refuse_too_often("email_change_asked", by=by.user_id)
    change_id = new_id()
    db.session.execute(
        insert(EmailChange).values(
            id=change_id,
            token_hash=hash_token(_token(change_id)),
            user_id=by.user_id,
            email=email.lower(),
            old_email=by.email,
            expires_at=func.now() + LASTS,
        )
    )
    ask(SEND_LINK, organisation_id=None, subject_id=change_id)
    ask(SEND_NOTICE, organisation_id=None, subject_id=change_id)
    audit.record("email_change_asked", by=by.user_id)


def link(change_id: UUID) -> str:
    """Give the address that confirms a new e-mail."""
    return f"{settings().base_url}/account/email/{_token(change_id)}"


def to_mail(change_id: UUID) -> tuple[EmailChange, str, bool]:
    """Find a change, the language of its person, and whether somebody has the address already."""
    taken = exists().where(User.email == EmailChange.email).correlate(EmailChange)
    change, locale, is_taken = db.session.execute(
        select(EmailChange, User.locale, taken)
        .join_from(EmailChange, User, User.id == EmailChange.user_id)
        .where(EmailChange.id == change_id)
    ).one()
    return change, locale or "en", is_taken


def waiting_email(token: str) -> str | None:
    """Name the address a link proves, while it may still be used."""
    return db.session.scalar(select(EmailChange.email).where(*_open(token)))


def confirm_email(token: str) -> bool:
    """Use the link up and change the address; False when it is spent, or the address is taken."""
    change = db.session.scalar(
        update(EmailChange).where(*_open(token)).values(used_at=func.now()).returning(EmailChange)
    )
    if change is None:
        return False
    somebody = exists().where(User.email == change.email)
    changed = db.session.scalar(
        update(User)
        .where(User.id == change.user_id, User.email == change.old_email, ~somebody)
        .values(email=change.email)
        .returning(User.id)
    )
    if changed is not None:
        resets.spend_all(changed)  # those lie in the old mailbox
    return changed is not None


def _own_client(by: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Client.organisation_id == by.organisation_id, Client.user_id == by.user_id)


def _open(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        EmailChange.token_hash == hash_token(token),
        EmailChange.used_at.is_(None),
        EmailChange.expires_at > func.now(),
    )


def _token(change_id: UUID) -> str:
    return token_for(TokenKind.EMAIL, change_id)
