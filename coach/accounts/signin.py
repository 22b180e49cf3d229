"""Sign in, with the second factor where there is one; sign out; and who is here now."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import structlog
from flask_login import login_user, logout_user
from sqlalchemy import select

from coach.accounts import audit, factors, throttle
from coach.accounts.access import Person, Viewer, load_person
from coach.accounts.models import Membership, Organisation, Role, User
from coach.accounts.passwords import (
    hash_password,
    matches,
    needs_new_hash,
    refuse_when_crowded,
)
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.observability import counters
from coach.web.session import CLIENT, VISITOR, Lifetime, current_session
from coach.work.leases import now

log = structlog.get_logger()

SIGN_IN = "sign in"
CODE = "second factor"
WAITING, PROVED_AT = "waiting", "proved_at"
WAITS = timedelta(minutes=10)


class Arrival(StrEnum):
    """What came of a right password."""

    IN = "in"
    CODE_WANTED = "code wanted"
    NOWHERE = "nowhere"


def authenticate(email: str, password: str, *, address: str) -> User | None:
    """Find the user whose password this is; raises SlowDown after too many failures.

    Raises ServiceUnavailable while too many others are tried; that is no try of theirs.
    """
    refuse_when_crowded()
    throttle.count_try(SIGN_IN, email, address=address)
    user = db.session.scalar(select(User).where(User.email == email.lower()))
    known = matches(password, user.password_hash if user else None)
    if user is None or not known or user.disabled_at is not None:
        _tell_of_failure(SIGN_IN, email)
        return None
    if needs_new_hash(user.password_hash or ""):
        user.password_hash = hash_password(password)
    throttle.forgive(SIGN_IN, email)
    return user


def arrive(user: User, organisation_id: UUID | None = None) -> Arrival:
    """Let somebody in whose password was right, or first ask for their second factor."""
    if not factors.is_on(user.id):
        return Arrival.IN if enter(user, organisation_id) else Arrival.NOWHERE
    session = current_session()
    session.clear()
    session[WAITING] = {
        "user": str(user.id),
        "organisation": str(organisation_id or ""),
        "since": now().timestamp(),
        "password": _mark(user),
    }
    session.rotate(VISITOR, signed_in_now=True)
    return Arrival.CODE_WANTED


def who_waits() -> tuple[User, UUID | None] | None:
    """Find whose password was right in this session some minutes ago, and still is."""
    found = current_session().get(WAITING)
    if not isinstance(found, dict) or now().timestamp() - found["since"] > WAITS.total_seconds():
        return None
    user = db.session.get(User, UUID(found["user"]))
    if user is None or user.disabled_at is not None or _mark(user) != found["password"]:
        return None
    return user, UUID(found["organisation"]) if found["organisation"] else None


def accepts_code(user_id: UUID, code: str, *, address: str, moment: datetime) -> bool:
    """Tell whether a second factor is right, as seldom as passwords; raises SlowDown."""
    throttle.count_try(CODE, str(user_id), address=address)
    if not factors.accepts(user_id, code, now=moment):
        _tell_of_failure(CODE, str(user_id))
        return False
    throttle.forgive(CODE, str(user_id))
    return True


def knows(person: Viewer, password: str, *, address: str) -> bool:
    """Tell whether the person here knows their password; raises SlowDown."""
    return authenticate(person.email, password, address=address) is not None


def mark_proven(moment: datetime) -> None:
    """Remember in the session that the person has just shown who they are."""
    current_session()[PROVED_AT] = moment.timestamp()


def enter(user: User, organisation_id: UUID | None = None) -> bool:
    """Start a new session in an organisation of theirs; False when they belong to none."""
    act_for(None, user_id=user.id, session=db.session())
    session = current_session()
    session.clear()
    session.organisation_id = organisation_id
    person = load_person(str(user.id))
    if person is None:
        return False
    mark_proven(now())
    return _open_session(person, signed_in_now=True)


def switch(user_id: UUID, organisation_id: UUID) -> bool:
    """Continue in another organisation of the same person, under a new session id."""
    session = current_session()
    before, session.organisation_id = session.organisation_id, organisation_id
    person = load_person(str(user_id))
    if person is None:
        session.organisation_id = before
        load_person(str(user_id))
        return False
    return _open_session(person, signed_in_now=False)


def renew_session(person: Viewer) -> None:
    """Continue under a new session id, now that more is proven than before."""
    lifetime = _lifetime(person.role, person.organisation_id)
    current_session().rotate(lifetime, signed_in_now=False)


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


def _open_session(person: Person, *, signed_in_now: bool) -> bool:
    session, viewer = current_session(), person.viewer
    act_for(viewer.organisation_id, user_id=viewer.user_id, session=db.session())
    session.organisation_id = viewer.organisation_id
    session.rotate(_lifetime(viewer.role, viewer.organisation_id), signed_in_now=signed_in_now)
    login_user(person)
    audit.record("signed_in", by=viewer.user_id)
    return True


def _tell_of_failure(what: str, who: str) -> None:
    """Say in the log that somebody failed, by the hash under which their tries are counted."""
    counters.security_events.labels(event="sign_in_failed").inc()
    log.warning("sign_in_failed", what=what, account=throttle.keyed(f"{what} {who.lower()}"))


def _mark(user: User) -> str:
    """Give something that changes with the password and tells nothing of it."""
    return sha256((user.password_hash or "").encode()).hexdigest()


def _lifetime(role: Role, organisation_id: UUID) -> Lifetime:
    if role is Role.CLIENT:
        return CLIENT
    organisation = db.session.get_one(Organisation, organisation_id)
    return Lifetime(
        idle=timedelta(minutes=organisation.staff_idle_minutes),
        absolute=timedelta(hours=organisation.staff_absolute_hours),
    )


def is_operator(user_id: UUID) -> bool:
    """Tell whether a person runs the installation."""
    return bool(db.session.scalar(select(User.is_operator).where(User.id == user_id)))
