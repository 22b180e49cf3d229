"""Under 18, a guardian agrees before anything of the young person is stored.

Until then there is only the invitation: who was invited, and where the guardian is asked.
"""

import hmac
from hashlib import sha256

from sqlalchemy import func, update

from coach.accounts import audit
from coach.accounts.invitations import link
from coach.accounts.mail_limits import refuse_too_often
from coach.accounts.models import Invitation
from coach.extensions import db, settings
from coach.work.asking import Kind, ask
from coach.work.models import Queue

SEND = Kind("ask_guardian", Queue.MAIL)


class NeedsGuardian(Exception):
    """The invited person is under 18 and nobody has agreed for them yet."""


def require(invitation: Invitation, *, says_minor: bool) -> None:
    """Refuse to go on without a guardian's consent; who said once to be under 18 stays so."""
    if says_minor and not invitation.minor:
        _set(invitation, minor=True)
    if is_waited_for(invitation):
        raise NeedsGuardian


def mark(invitation: Invitation, guardian_email: str) -> None:
    """Note that who is invited is under 18; a guardian whose address is known is asked at once."""
    _set(invitation, minor=True)
    if guardian_email:
        ask_guardian(invitation, guardian_email)


def is_waited_for(invitation: Invitation) -> bool:
    """Tell whether somebody under 18 is invited and no guardian has agreed yet."""
    return invitation.minor and invitation.guardian_agreed_at is None


def ask_guardian(invitation: Invitation, email: str) -> None:
    """Have a guardian asked by mail; another address replaces the first. Raises TooOften."""
    db.session.refresh(invitation, with_for_update=True)
    refuse_too_often("guardian_asked", subject=invitation.id)
    _set(invitation, minor=True, guardian_email=email.lower())
    audit.record("guardian_asked", by=None, subject=invitation.id)
    ask(SEND, organisation_id=invitation.organisation_id, subject_id=invitation.id)


def agree(invitation: Invitation) -> None:
    """Note that the guardian agrees; their address and the hour stay as the proof."""
    if invitation.guardian_agreed_at is None:
        _set(invitation, guardian_agreed_at=func.now())
        audit.record("guardian_agreed", by=None, subject=invitation.id)


def guardian_link(invitation: Invitation) -> str:
    """Give the address that only the guardian is sent."""
    return f"{link(invitation)}/guardian/{_key(invitation)}"


def is_guardian(invitation: Invitation, key: str) -> bool:
    """Tell whether somebody came by the guardian's link; a new address makes a new one."""
    asked = invitation.guardian_email is not None
    return asked and hmac.compare_digest(_key(invitation).encode(), key.encode())


def _key(invitation: Invitation) -> str:
    secret = settings().required_secret_key.encode()
    said = f"guardian:{invitation.id}:{invitation.guardian_email}".encode()
    return hmac.digest(secret, said, sha256).hex()


def _set(invitation: Invitation, **values: object) -> None:
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.organisation_id == invitation.organisation_id,
            Invitation.id == invitation.id,
        )
        .values(**values)
    )
    db.session.refresh(invitation)
