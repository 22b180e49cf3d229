"""Grants on their way out: kept sealed, a day at most, until WHOOP has been told.

A fresh grant of another account waits here too: its person claims it within ten minutes, or it goes
the same way. WHOOP withdraws by member and app, so nothing is said while another link needs that.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db, sealer
from coach.ids import new_id
from coach.sealing import DoesNotOpen
from coach.whoop.grant.models import Farewell
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Vault
from coach.whoop.models import Integration, IntegrationTokens, WhoopLink
from coach.work import clock
from coach.work.asking import Kind, ask
from coach.work.models import Queue

TELL = Kind("whoop_farewell", Queue.SYNC)
KEPT = timedelta(days=1)
CLAIM_WITHIN = timedelta(minutes=10)
# A linking that has begun takes no longer.
LINKS_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a member granted one of our apps."""

    app_id: UUID
    member: str
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]


def part(integration: Integration, *, now: datetime) -> None:
    """Take the grant out of a link, at once, and see that WHOOP will be told."""
    grant = _taken_out(integration)
    db.session.execute(delete(WhoopLink).where(WhoopLink.integration_id == integration.id))
    if grant is not None and not is_needed(db.session.connection(), grant.app_id, grant.member):
        keep(grant, integration.client_id, integration.organisation_id, not_before=now)


def keep(
    grant: Grant,
    client_id: UUID,
    organisation_id: UUID,
    *,
    not_before: datetime,
    session_hash: str | None = None,
) -> None:
    """Keep a grant sealed until WHOOP is told, from `not_before` on; a session may claim it."""
    row_id = new_id()
    db.session.execute(
        insert(Farewell).values(
            organisation_id=organisation_id,
            id=row_id,
            client_id=client_id,
            whoop_app_id=grant.app_id,
            external_user_id=grant.member,
            access_token=sealer().seal(grant.access, place=place(row_id, "access_token")),
            refresh_token=_sealed_refresh(row_id, grant.refresh),
            token_expires_at=grant.expires_at,
            scopes=sorted(grant.scopes),
            session_hash=session_hash,
            not_before=not_before,
            until=not_before + KEPT,
        )
    )
    ask(TELL, organisation_id=organisation_id, subject_id=row_id, due_at=not_before)


def claim(client_id: UUID, organisation_id: UUID, session_hash: str) -> Grant | None:
    """Take the fresh grant that waits for a decision of this session, once."""
    row = db.session.execute(
        delete(Farewell)
        .where(*_waiting(client_id, organisation_id, session_hash))
        .returning(*Farewell.__table__.columns)
    ).one_or_none()
    return opened(row) if row else None


def decline(client_id: UUID, organisation_id: UUID, session_hash: str) -> None:
    """Let WHOOP be told at once of a fresh grant that is not wanted."""
    declined = db.session.scalars(
        update(Farewell)
        .where(*_waiting(client_id, organisation_id, session_hash))
        .values(session_hash=None, not_before=clock.moment())
        .returning(Farewell.id)
    )
    for row_id in declined.all():
        ask(TELL, organisation_id=organisation_id, subject_id=row_id)


def is_offered(client_id: UUID, organisation_id: UUID, session_hash: str) -> bool:
    """Tell whether a fresh grant waits for a decision of this session."""
    waiting = select(Farewell.id).where(*_waiting(client_id, organisation_id, session_hash))
    return db.session.scalar(waiting.limit(1)) is not None


def hold_back(client_id: UUID, organisation_id: UUID) -> None:
    """Say no farewell while the client is about to link again: it would end the new grant too."""
    db.session.execute(
        update(Farewell)
        .where(
            Farewell.organisation_id == organisation_id,
            Farewell.client_id == client_id,
            Farewell.session_hash.is_(None),
        )
        .values(not_before=clock.moment() + LINKS_WITHIN)
    )


def forget(app_id: UUID, member: str, organisation_id: UUID) -> None:
    """Say no farewell to a member who is linked again."""
    db.session.execute(
        delete(Farewell).where(
            Farewell.organisation_id == organisation_id,
            Farewell.whoop_app_id == app_id,
            Farewell.external_user_id == member,
        )
    )


def of_tokens(tokens: Tokens, member: str, app_id: UUID, *, now: datetime) -> Grant:
    """Give a fresh grant as one that may have to wait."""
    return Grant(app_id, member, tokens.access, tokens.refresh, now + tokens.lasts, tokens.scopes)


def _taken_out(integration: Integration) -> Grant | None:
    """Erase the tokens; waits for a refresh that is under way, and gives what it brought."""
    row = db.session.execute(
        delete(IntegrationTokens)
        .where(
            IntegrationTokens.organisation_id == integration.organisation_id,
            IntegrationTokens.integration_id == integration.id,
        )
        .returning(
            IntegrationTokens.access_token,
            IntegrationTokens.refresh_token,
            IntegrationTokens.token_expires_at,
        )
    ).one_or_none()
    app_id, member = integration.whoop_app_id, integration.external_user_id
    if row is None or app_id is None or member is None:
        return None
    try:
        access, refresh = Vault(integration.id, integration.organisation_id).opened(*row[:2])
    except DoesNotOpen:
        return None
    return Grant(app_id, member, access, refresh, row[2], frozenset(integration.scopes))


def is_needed(connection: Connection, app_id: UUID, member: str) -> bool:
    """Tell whether a link of any organisation lives by what this member granted the app."""
    links = select(WhoopLink.integration_id).where(
        WhoopLink.whoop_app_id == app_id, WhoopLink.external_user_id == member
    )
    return connection.execute(links.limit(1)).one_or_none() is not None


def locked(connection: Connection, row_id: UUID) -> Row[*tuple[object, ...]] | None:
    """Find a farewell and keep everybody else from it until the transaction ends."""
    wanted = select(*Farewell.__table__.columns).where(Farewell.id == row_id)
    return connection.execute(wanted.with_for_update()).one_or_none()


def opened(row: Row[*tuple[object, ...]]) -> Grant:
    """Open the grant of a farewell; raises DoesNotOpen."""
    refresh = row.refresh_token
    return Grant(
        app_id=row.whoop_app_id,
        member=row.external_user_id,
        access=sealer().open(row.access_token, place=place(row.id, "access_token")),
        refresh=refresh and sealer().open(refresh, place=place(row.id, "refresh_token")),
        expires_at=row.token_expires_at,
        scopes=frozenset(row.scopes),
    )


def _sealed_refresh(row_id: UUID, refresh: str | None) -> str | None:
    return refresh and sealer().seal(refresh, place=place(row_id, "refresh_token"))


def _waiting(
    client_id: UUID, organisation_id: UUID, session_hash: str
) -> tuple[ColumnElement[bool], ...]:
    return (
        Farewell.organisation_id == organisation_id,
        Farewell.client_id == client_id,
        Farewell.session_hash == session_hash,
        Farewell.not_before > clock.moment(),
    )


def mine(row: Row[*tuple[object, ...]]) -> tuple[ColumnElement[bool], ...]:
    """Select the row again."""
    return Farewell.organisation_id == row.organisation_id, Farewell.id == row.id


def place(row_id: UUID, name: str) -> str:
    """Name where a token of a farewell is sealed for."""
    return f"farewells/{row_id}/{name}"
