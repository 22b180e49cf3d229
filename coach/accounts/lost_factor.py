"""When both the app and the recovery codes are lost: only an operator can let a person in again.

The operator has seen who it is. The person signs in with the password alone, and sets up a new
second factor before anything else where their organisation asks for one.
"""

from uuid import UUID

from coach.accounts import audit, directory, endings, factors
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.web.session import end_sessions


def reset(email: str) -> UUID | None:
    """Take the second factor off an account and end its sessions; None when there is neither.

    It stands in the log of every organisation the person belongs to.
    """
    account = directory.account_of(email)
    if account is None or not factors.is_on(account.id):
        return None
    factors.switch_off(account.id)
    end_sessions(account.id)
    for organisation_id in endings.organisations_of(account.id):
        act_for(organisation_id, user_id=None, session=db.session())
        audit.record("second_factor_reset", by=None, subject=account.id)
    return account.id
