"""Slow down guessing: every try is written down before it is made, under keyed hashes.

It stands in PostgreSQL, so losing Redis lets nobody try more often.
"""

import hmac
from datetime import timedelta
from hashlib import sha256

import structlog
from sqlalchemy import delete, func, select

from coach.accounts.models import LoginAttempt
from coach.extensions import db, settings
from coach.ids import new_id
from coach.observability import counters

log = structlog.get_logger()

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 60
# Of everybody everywhere: a password tried on thousands of accounts from thousands of places.
TRIES_IN_ALL = 3000


class SlowDown(Exception):
    """Too many tries for this account, from this address or in all."""


def count_try(what: str, email: str, *, address: str) -> None:
    """Count a try of `what` for an account from an address; raises SlowDown.

    It is committed before it is counted: of many tries at once, each sees those before it, so
    that being quick does not buy more of them.
    """
    account, place = keyed(f"{what} {email.lower()}"), keyed(f"{what} {address}")
    attempt_id = new_id()
    db.session.add(LoginAttempt(id=attempt_id, account_hash=account, address_hash=place))
    db.session.commit()
    if _too_many(account, place):
        # Whoever is refused is not counted, or somebody who keeps trying would never be let in.
        db.session.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))
        db.session.commit()
        counters.security_events.labels(event="tries_slowed_down").inc()
        log.warning("tries_slowed_down", what=what)
        raise SlowDown


def forgive(what: str, email: str) -> None:
    """Forget the tries for an account, because the person has shown who they are."""
    mine = LoginAttempt.account_hash == keyed(f"{what} {email.lower()}")
    db.session.execute(delete(LoginAttempt).where(mine))


def keyed(text: str) -> str:
    """Hash with the installation's key: neither e-mails nor addresses are kept."""
    key = settings().required_secret_key.encode()
    return hmac.new(key, text.encode(), sha256).hexdigest()


def _too_many(account: str, place: str) -> bool:
    mine, here = LoginAttempt.account_hash == account, LoginAttempt.address_hash == place
    recent = LoginAttempt.created_at > func.now() - WINDOW
    by_account, by_address, in_all = db.session.execute(
        select(func.count().filter(mine), func.count().filter(here), func.count()).where(recent)
    ).one()
    return bool(
        by_account > TRIES_PER_ACCOUNT or by_address > TRIES_PER_ADDRESS or in_all > TRIES_IN_ALL
    )
