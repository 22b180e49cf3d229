"""Sign in, sign out, and who is here now."""

import hmac
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask_login import login_user, logout_user
from sqlalchemy import and_, delete, func, or_, select

from coach.accounts import audit
from coach.accounts.access import Person, load_person
from coach.accounts.models import LoginAttempt, Membership, Organisation, Role, User
from coach.accounts.passwords import hash_password, matches, needs_new_hash
from coach.database.tenancy import act_for
from coach.extensions import db, settings
from coach.web.session import CLIENT, Lifetime, current_session

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 60


class SlowDown(Exception):
    """Too many failed tries for this account or from this address."""


def authenticate(email: str, password: str, *, address: str) -> User | None:
    """Find the user whose password this is; raises SlowDown after too many failures."""
    account, place = _keyed(email.lower()), _keyed(address)
    _refuse_guessing(account, place)
    user = db.session.scalar(select(User).where(User.email == email.lower()))
    known = matches(password, user.password_hash if user else None)
    if user is None or not known or user.disabled_at is not None:
        db.session.add(LoginAttempt(account_hash=account, address_hash=place))
        return None
    if needs_new_hash(user.password_hash or ""):
        user.password_hash = hash_password(password)
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.account_hash == account))
    return user


def enter(user: User, organisation_id: UUID | None = None) -> bool:
    """Start a new session in an organisation of theirs; False when they belong to none."""
    act_for(None, user_id=user.id, session=db.session())
    session = current_session()
    session.clear()
    session.organisation_id = organisation_id
    person = load_person(str(user.id))
    if person is None:
        return False
    return _open_session(person)


def switch(user_id: UUID, organisation_id: UUID) -> bool:
    """Continue in another organisation of the same person, under a new session id."""
    session = current_session()
    before, session.organisation_id = session.organisation_id, organisation_id
    person = load_person(str(user_id))
    if person is None:
        session.organisation_id = before
        load_person(str(user_id))
        return False
    return _open_session(person)


def leave() -> None:
    """End the session for good."""
    logout_user()
    current_session().end()


def organisations_of(user_id: UUID) -> list[Organisation]:
    """List where a person belongs; reads across organisations by the person's own policy."""
    return list(
        db.session.scalars(
            select(Organisation)
            .join(Membership, Membership.organisation_id == Organisation.id)
            .where(Membership.user_id == user_id, Membership.removed_at.is_(None))
            .order_by(Organisation.name)
        )
    )


def _open_session(person: Person) -> bool:
    session, viewer = current_session(), person.viewer
    act_for(viewer.organisation_id, user_id=viewer.user_id, session=db.session())
    session.organisation_id = viewer.organisation_id
    session.rotate(_lifetime(viewer.role, viewer.organisation_id))
    login_user(person)
    audit.record("signed_in", by=viewer.user_id)
    return True


def _lifetime(role: Role, organisation_id: UUID) -> Lifetime:
    if role is Role.CLIENT:
        return CLIENT
    organisation = db.session.get_one(Organisation, organisation_id)
    return Lifetime(
        idle=timedelta(minutes=organisation.staff_idle_minutes),
        absolute=timedelta(hours=organisation.staff_absolute_hours),
    )


def _refuse_guessing(account: str, place: str) -> None:
    recent = LoginAttempt.created_at > func.now() - WINDOW
    tries = db.session.execute(
        select(
            func.count().filter(LoginAttempt.account_hash == account),
            func.count().filter(LoginAttempt.address_hash == place),
        ).where(
            and_(
                recent,
                or_(LoginAttempt.account_hash == account, LoginAttempt.address_hash == place),
            )
        )
    ).one()
    if tries[0] >= TRIES_PER_ACCOUNT or tries[1] >= TRIES_PER_ADDRESS:
        raise SlowDown


def _keyed(text: str) -> str:
    """Hash with the installation's key: neither e-mails nor addresses are kept."""
    key = settings().required_secret_key.encode()
    return hmac.new(key, text.encode(), sha256).hexdigest()
