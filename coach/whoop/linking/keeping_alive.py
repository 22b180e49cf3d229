"""Keeps links alive that nobody asks, and ends those whose people have left.

A refresh token that is never used may end one day, and a dead one should be known before it is
needed. So each link's tokens are renewed once a day, if no sync has done so.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select

from coach.accounts.models import Client, Membership
from coach.database.tenancy import acting_for
from coach.extensions import db, settings
from coach.whoop.errors import MustReconnect, OurFault, Unavailable
from coach.whoop.grant import spilling, tries
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.linking import links
from coach.whoop.models import Integration, IntegrationTokens, Status, WhoopLink
from coach.whoop.sync import fencing, notices
from coach.whoop.sync.fencing import Gone
from coach.work.asking import Kind, ask
from coach.work.leases import Later, Piece, unit_of_work
from coach.work.models import Lane, Queue
from coach.work.perform import does

log = structlog.get_logger()

KEEP_ALIVE = Kind("whoop_keep_alive", Queue.SYNC)
# A token lasts an hour, the look comes hourly, and what is due is spread over an hour: a day at most.
ENDED_FOR = timedelta(hours=21)
# What is due at once, after a day without us, is spread over so long.
SPREAD = timedelta(hours=1)
AGAIN_AFTER = timedelta(hours=1)


@does(KEEP_ALIVE)
def keep_alive(piece: Piece) -> None:
    """Do one piece of work: renew the tokens of a link, unless somebody has."""
    if not settings().feature_whoop_integration or piece.organisation_id is None:
        return
    try:
        with unit_of_work():
            link = fencing.load(piece.subject_id, piece.organisation_id)
        TokenKeeper(link.id, link.organisation_id, link.scopes).access_token()
    except Gone:
        log.info("link_gone")
    except Unavailable as error:
        raise Later(piece.started_at + AGAIN_AFTER, type(error).__name__) from error
    except (MustReconnect, OurFault) as error:
        notices.condemn(link, error)


def upkeep(*, now: datetime) -> None:
    """Ask for what keeps links alive, end links of people who have left, forget old tries."""
    if not settings().feature_whoop_integration:
        return
    organisations = db.session.scalars(select(WhoopLink.organisation_id).distinct()).all()
    db.session.commit()
    for organisation_id in organisations:
        with acting_for(organisation_id):
            for integration in db.session.scalars(_orphans(organisation_id)).all():
                links.disconnect(integration, by=None, keep_history=True, now=now)
            for integration_id in db.session.scalars(_idle(organisation_id, now)).all():
                _ask(integration_id, organisation_id, now)
            db.session.commit()
    tries.forget_old()


def pick_up_tokens() -> None:
    """Bring tokens that had to wait on disk into the database."""
    if spilling.pick_up_all():
        log.info("spilled_tokens_picked_up")


def _ask(integration_id: UUID, organisation_id: UUID, now: datetime) -> None:
    """Ask for a renewal at a moment of this link's own."""
    share = int.from_bytes(sha256(integration_id.bytes).digest()[4:8]) / 2**32
    ask(
        KEEP_ALIVE,
        organisation_id=organisation_id,
        subject_id=integration_id,
        lane=Lane.BACKFILL,
        due_at=now + SPREAD * share,
    )


def _idle(organisation_id: UUID, now: datetime) -> Select[UUID]:
    """Find links whose tokens nobody has renewed for a day."""
    tokens = and_(
        IntegrationTokens.organisation_id == Integration.organisation_id,
        IntegrationTokens.integration_id == Integration.id,
    )
    return (
        select(Integration.id)
        .join(IntegrationTokens, tokens)
        .where(
            Integration.organisation_id == organisation_id,
            Integration.status.in_([Status.ACTIVE, Status.ERROR]),
            Integration.sync_enabled,
            IntegrationTokens.token_expires_at < now - ENDED_FOR,
        )
    )


def _orphans(organisation_id: UUID) -> Select[Integration]:
    """Find links of clients who were put away, or whose membership was ended."""
    member = and_(
        Membership.organisation_id == Client.organisation_id,
        Membership.user_id == Client.user_id,
        Membership.removed_at.is_(None),
    )
    client = and_(
        Client.organisation_id == Integration.organisation_id, Client.id == Integration.client_id
    )
    return (
        select(Integration)
        .join(Client, client)
        .join(Membership, member, isouter=True)
        .where(
            Integration.organisation_id == organisation_id,
            Integration.status != Status.DISCONNECTED,
            or_(Client.archived_at.is_not(None), Membership.id.is_(None)),
        )
    )
