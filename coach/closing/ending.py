"""Closes an organisation: at once for people and syncs, then row by row by work.

The tombstone comes first: from its commit on nobody of the organisation gets in, no sync runs, and
what runs writes nothing more. The rows follow in small transactions, so that nobody else waits.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Table, delete, exists, func, select, text

from coach.accounts.installation import Erased, note_erasure
from coach.accounts.models import Membership, Organisation, User
from coach.csv_import.importing import upload_path
from coach.csv_import.models import Import
from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.database.walls import APPEND_ONLY
from coach.extensions import db
from coach.whoop.grant.models import Farewell
from coach.whoop.linking import links
from coach.whoop.models import Integration, Status, WebhookEvent, WhoopLink
from coach.work.asking import Kind, ask
from coach.work.leases import Later, Piece, unit_of_work
from coach.work.models import Queue, Work
from coach.work.perform import does

log = structlog.get_logger()

CLOSE = Kind("close_organisation", Queue.UPKEEP)
BATCH = 5_000
# WHOOP is told first; a farewell is kept for a day at most.
LOOK_AGAIN = timedelta(minutes=5)


def begin(organisation_id: UUID, *, now: datetime) -> int:
    """Shut an organisation at once and ask for its deletion; says how many links were cut.

    The caller acts for the organisation and commits.
    """
    organisation = db.session.get_one(Organisation, organisation_id)
    organisation.suspended_at = now
    linked = db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == organisation_id,
            Integration.status != Status.DISCONNECTED,
        )
    ).all()
    for integration in linked:
        links.disconnect(integration, by=None, keep_history=True, now=now)
    ask(CLOSE, organisation_id=organisation_id, subject_id=organisation_id)
    return len(linked)


@does(CLOSE)
def close(piece: Piece) -> None:
    """Do one piece of work: delete everything of an organisation, once WHOOP has been told."""
    organisation_id = piece.subject_id
    with unit_of_work():
        if db.session.scalar(select(func.count()).select_from(Farewell)):
            raise Later(piece.started_at + LOOK_AGAIN, "WHOOP is being told")
        files = [upload_path(each) for each in db.session.scalars(select(Import.id))]
        people = list(db.session.scalars(select(Membership.user_id)))
        _forget_announcements(organisation_id)
    for file in files:
        file.unlink(missing_ok=True)
    for table in _tables():
        _empty(table, organisation_id)
    with unit_of_work():
        db.session.execute(delete(Organisation).where(Organisation.id == organisation_id))
        note_erasure(Erased.ORGANISATION, organisation_id, organisation_id=organisation_id)
    for user_id in people:
        _forget_person(user_id)
    log.info("organisation_deleted", organisation=str(organisation_id))


def _tables() -> Iterator[Table]:
    """List what may be deleted row by row, children first; the rest falls with the organisation."""
    for table in reversed(Base.metadata.sorted_tables):
        if "organisation_id" in table.columns and table.name not in APPEND_ONLY:
            yield table


def _empty(table: Table, organisation_id: UUID) -> None:
    """Delete in batches, each in a transaction of its own; our own work row stays."""
    ours = " AND kind <> :ours" if table.name == Work.__tablename__ else ""
    statement = text(
        f"DELETE FROM {table.name} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table.name}"  # noqa: S608
        f" WHERE organisation_id = :organisation{ours} LIMIT {BATCH})) RETURNING 1"
    )
    values = {"organisation": organisation_id} | ({"ours": CLOSE.name} if ours else {})
    deleted = BATCH
    while deleted == BATCH:
        with unit_of_work():
            deleted = len(db.session.execute(statement, values).all())


def _forget_announcements(organisation_id: UUID) -> None:
    """Delete what WHOOP announced of members whom nobody else here is linked to."""
    members = select(Integration.external_user_id).where(
        Integration.organisation_id == organisation_id,
        Integration.external_user_id.is_not(None),
    )
    elsewhere = exists().where(WhoopLink.external_user_id == WebhookEvent.external_user_id)
    db.session.execute(
        delete(WebhookEvent).where(WebhookEvent.external_user_id.in_(members), ~elsewhere)
    )


def _forget_person(user_id: UUID) -> None:
    """Delete an account that belongs to no organisation any more, unless it is an operator's."""
    with acting_for(None, user_id=user_id), db.engine.begin() as connection:
        left = select(func.count()).select_from(Membership).where(Membership.user_id == user_id)
        if not connection.execute(left).scalar_one():
            account = delete(User).where(User.id == user_id, User.is_operator.is_(False))
            connection.execute(account)
