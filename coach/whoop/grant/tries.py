"""Each try to renew a grant, as a row that is there before anything is sent.

The token's own row is locked while WHOOP is asked, so what we mean to do is written elsewhere and
committed at once: who finds the lock free and a try without an outcome knows that its process died.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Update, bindparam, case, delete, func, insert, select, update

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.grant.models import TokenCall
from coach.whoop.grant.vault import Held, Vault
from coach.whoop.grant.verdicts import Outcome, Try
from coach.work import clock

KEPT = timedelta(days=8)
READ_AT_MOST = 20
# Each refresh asks and writes these, so they are built once.
_WITH_TOKEN = (
    select(TokenCall.outcome, TokenCall.started_at)
    .where(TokenCall.integration_id == bindparam("link"), TokenCall.token_hash == bindparam("hash"))
    .order_by(TokenCall.started_at.desc())
    .limit(READ_AT_MOST)
)
_BEGIN = insert(TokenCall).values(
    **{name: bindparam(name) for name in ("id", "whoop_app_id", "organisation_id")},
    **{name: bindparam(name) for name in ("integration_id", "token_hash", "outcome")},
    started_at=clock.instant(),
    ended_at=case((bindparam("over"), clock.instant())),
)


def begin(vault: Vault, held: Held) -> UUID:
    """Write down, for good, that a refresh token is about to be spent."""
    return _write(vault.integration_id, vault.organisation_id, held.app_id, held.token_hash)


def refused(integration_id: UUID, organisation_id: UUID, app_id: UUID) -> None:
    """Write down that WHOOP's data API took a fresh token no more than the one before."""
    _write(integration_id, organisation_id, app_id, "", outcome=Outcome.REFUSED)


def withdraw(tried: UUID) -> None:
    """Write down that nothing was sent after all."""
    with acting_for(None), db.engine.begin() as connection:
        finish(connection, tried, Outcome.LATER)


def finish(connection: Connection, tried: UUID, outcome: Outcome) -> None:
    """Write down in the running transaction how a try ended."""
    connection.execute(ending(tried, outcome))


def ending(tried: UUID, outcome: Outcome) -> Update:
    """Give the statement that says how a try ended."""
    said = {"outcome": outcome.value, "ended_at": clock.instant()}
    return update(TokenCall).where(TokenCall.id == tried).values(said)


def with_token(connection: Connection, vault: Vault, held: Held) -> tuple[Try, ...]:
    """List the tries to spend the token we hold, newest first."""
    held_by = {"link": vault.integration_id, "hash": held.token_hash}
    found = connection.execute(_WITH_TOKEN, held_by)
    return tuple(
        Try(Outcome(each.outcome) if each.outcome else None, each.started_at) for each in found
    )


def renewed_at(connection: Connection, vault: Vault) -> datetime | None:
    """Say when the grant was renewed last."""
    return connection.execute(
        select(func.max(TokenCall.ended_at)).where(
            TokenCall.integration_id == vault.integration_id,
            TokenCall.outcome == Outcome.RENEWED.value,
        )
    ).scalar_one()


def refused_hours(integration_id: UUID, *, since: datetime | None) -> int:
    """Count the different hours in which WHOOP refused fresh tokens of an integration."""
    hours = select(func.count(func.distinct(func.date_trunc("hour", TokenCall.started_at)))).where(
        TokenCall.integration_id == integration_id, TokenCall.outcome == Outcome.REFUSED.value
    )
    if since is not None:
        hours = hours.where(TokenCall.started_at > since)
    return db.session.execute(hours).scalar_one()


def forget_old() -> None:
    """Delete tries that no verdict looks at any more."""
    old = TokenCall.started_at < clock.instant() - KEPT
    db.session.execute(delete(TokenCall).where(old))
    db.session.commit()


def _write(
    integration_id: UUID,
    organisation_id: UUID,
    app_id: UUID,
    token_hash: str,
    *,
    outcome: Outcome | None = None,
) -> UUID:
    tried = new_id()
    whose = {"organisation_id": organisation_id, "integration_id": integration_id}
    said = {"token_hash": token_hash, "outcome": outcome, "over": outcome is not None}
    with acting_for(None), db.engine.begin() as connection:
        connection.execute(_BEGIN, {"id": tried, "whoop_app_id": app_id, **whose, **said})
    return tried
