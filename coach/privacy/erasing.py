"""Deletes what we know of a client or an account, by work: in batches, killable, and on again.

The way in is closed before: whoever asked is shut out at once. The last row goes last, so that a
try which finds nothing has nothing left to do.
"""

from uuid import UUID

import structlog
from sqlalchemy import Delete, String, Table, delete, literal_column, select, text

from coach import mail
from coach.accounts import audit, throttle
from coach.accounts.installation import Erased, note_erasure
from coach.accounts.links import strike_from_directory, token_for
from coach.accounts.models import (
    Client,
    Invitation,
    LoginAttempt,
    Membership,
    Role,
    TokenDirectory,
    TokenKind,
    User,
)
from coach.accounts.signin import SIGN_IN
from coach.csv_import import jobs as csv_import
from coach.csv_import.importing import upload_path
from coach.csv_import.models import Import, ImportRow
from coach.database.base import Base
from coach.database.tenancy import acting_for, current_organisation
from coach.database.walls import APPEND_ONLY, GLOBAL_TABLES
from coach.days import deriving
from coach.extensions import db
from coach.insights import refresh
from coach.privacy import making, people
from coach.privacy.people import Person, Whose, person_of
from coach.whoop.grant.models import Farewell
from coach.whoop.linking import links
from coach.whoop.models import Integration, Status, SyncRun, WebhookEvent, WhoopRecord
from coach.work.asking import Kind, call_off
from coach.work.leases import Piece, now, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

log = structlog.get_logger()

ERASE_CLIENT = Kind("erase_client", Queue.UPKEEP)
ERASE_ACCOUNT = Kind("erase_account", Queue.UPKEEP)
ERASE_WHOOP = Kind("erase_whoop_data", Queue.UPKEEP)
BATCH = 5_000
# It knows nothing but how to give a permission back to WHOOP, and goes within a day.
STAYS_A_DAY = {Farewell.__tablename__}


@does(ERASE_CLIENT)
def erase_client(piece: Piece) -> None:
    """Do one piece of work: delete a client of one organisation and all that was known of them."""
    _erase_client(piece.subject_id, "client_erased")


@does(ERASE_ACCOUNT)
def erase_account(piece: Piece) -> None:
    """Do one piece of work: delete an account, everywhere it belongs."""
    user_id = piece.subject_id
    with acting_for(None, user_id=user_id), unit_of_work():
        mine = select(Membership.organisation_id).where(Membership.user_id == user_id)
        organisations = list(db.session.scalars(mine))
        email = db.session.scalar(select(User.email).where(User.id == user_id))
    for organisation_id in organisations:
        with acting_for(organisation_id, user_id=user_id):
            _erase_from_organisation(user_id, email)
    if email is not None:
        mail.forget(email)
        with unit_of_work():
            _erase_user(user_id, email)
    log.info("account_erased", user=str(user_id))


@does(ERASE_WHOOP)
def erase_whoop(piece: Piece) -> None:
    """Do one piece of work: delete what WHOOP told of a client, by link and by file."""
    with unit_of_work():
        if db.session.scalar(select(Client.id).where(Client.id == piece.subject_id)) is None:
            return
        who = person_of(piece.subject_id)
        _cut_links(who)
        uploads = _stopped_uploads(who)
        _forget_announcements(who)
    _delete_files(uploads, [])
    for table, whose in _OF_WHOOP.items():
        _empty(Base.metadata.tables[table], whose, who)
    with unit_of_work():
        deriving.rebuild(who.client_id)
        db.session.execute(text("SELECT forget_device_changes(:whose)"), {"whose": who.client_id})
        refresh.rebuild(who.client_id, now=now())
        _begin_again(who)
        note_erasure(Erased.WHOOP_DATA, who.client_id, organisation_id=current_organisation())
        audit.record("whoop_data_erased", by=who.user_id, subject=who.client_id)


_OF_WHOOP: dict[str, Whose] = {
    WhoopRecord.__tablename__: people.by_client,
    ImportRow.__tablename__: people.by_client,
    Import.__tablename__: people.by_client,
    SyncRun.__tablename__: people.by_link,
}


def _erase_from_organisation(user_id: UUID, email: str | None) -> None:
    with unit_of_work():
        client_id = db.session.scalar(select(Client.id).where(Client.user_id == user_id))
    if client_id is not None:
        _erase_client(client_id, "account_erased")
    with unit_of_work():
        _forget_invitations(email)
        gone = _memberships_of(user_id).returning(Membership.id)
        for membership_id in db.session.scalars(gone).all():
            audit.record("account_erased", by=user_id, subject=membership_id)


def _erase_client(client_id: UUID, deed: str) -> None:
    """Delete a client who is put away: not one who came back meanwhile."""
    with unit_of_work():
        away = (Client.id == client_id, Client.archived_at.is_not(None))
        if db.session.scalar(select(Client.id).where(*away)) is None:
            return
        who = person_of(client_id)
        _cut_links(who)
        uploads, made = _stopped_uploads(who), making.call_off(who)
        _forget_announcements(who)
        _forget_invitations(who.email)
    _delete_files(uploads, made)
    for table in _tables_of_clients():
        _empty(table, people.by_client, who)
    with unit_of_work():
        _erase_last(who, deed)
    log.info("client_erased", client=str(client_id))


def _tables_of_clients() -> list[Table]:
    """List what refers to a client and may be deleted by us, children first."""
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if "client_id" in table.columns
        and table.name not in APPEND_ONLY | GLOBAL_TABLES | STAYS_A_DAY
    ]


def _empty(table: Table, whose: Whose, who: Person) -> None:
    """Delete in batches, each in a transaction of its own."""
    place = literal_column("ctid", String)
    deleted = BATCH
    while deleted == BATCH:
        chosen = select(place).select_from(table).where(whose(table, who)).limit(BATCH)
        with unit_of_work():
            doomed = delete(table).where(place.in_(chosen)).returning(place)
            deleted = len(db.session.scalars(doomed).all())


def _erase_last(who: Person, deed: str) -> None:
    """Delete the client's own row, with what only the database may delete; the proof stays."""
    strike_from_directory(TokenKind.LEAVING, token_for(TokenKind.LEAVING, who.client_id))
    db.session.execute(delete(Client).where(Client.id == who.client_id))
    db.session.execute(_memberships_of(who.user_id).where(Membership.role == Role.CLIENT))
    note_erasure(Erased.CLIENT, who.client_id, organisation_id=current_organisation())
    audit.record(deed, by=who.user_id, subject=who.client_id)


def _memberships_of(user_id: UUID | None) -> Delete:
    """Delete what somebody is in this organisation: the walls let people see where else they are."""
    here = Membership.organisation_id == current_organisation()
    return delete(Membership).where(here, Membership.user_id == user_id)


def _erase_user(user_id: UUID, email: str) -> None:
    tries = LoginAttempt.account_hash == throttle.keyed(f"{SIGN_IN} {email}")
    db.session.execute(delete(LoginAttempt).where(tries))
    db.session.execute(delete(User).where(User.id == user_id))
    note_erasure(Erased.ACCOUNT, user_id, organisation_id=None)


def _cut_links(who: Person) -> None:
    mine = (Integration.client_id == who.client_id, Integration.status != Status.DISCONNECTED)
    for link in db.session.scalars(select(Integration).where(*mine)).all():
        links.disconnect(link, by=who.user_id, keep_history=True, now=now())


def _begin_again(who: Person) -> None:
    """Forget whose account it was, and let a later link read WHOOP's history from its start."""
    for link in db.session.scalars(
        select(Integration).where(Integration.client_id == who.client_id)
    ):
        link.external_user_id = None
        link.last_sync, link.data_through, link.history, link.cursors = None, None, {}, {}


def _stopped_uploads(who: Person) -> list[UUID]:
    """List the uploads; who works on one of them can write no more."""
    uploads = db.session.scalars(select(Import.id).where(Import.client_id == who.client_id)).all()
    for kind in csv_import.KINDS:
        call_off(kind, uploads)
    return list(uploads)


def _delete_files(uploads: list[UUID], made: list[UUID]) -> None:
    for import_id in uploads:
        upload_path(import_id).unlink(missing_ok=True)
    for export_id in made:
        making.discard(export_id)


def _forget_announcements(who: Person) -> None:
    events = Base.metadata.tables[WebhookEvent.__tablename__]
    db.session.execute(delete(events).where(people.by_member(events, who)))


def _forget_invitations(email: str | None) -> None:
    if email:
        theirs = delete(Invitation).where(Invitation.email == email).returning(Invitation.id)
        gone = list(db.session.scalars(theirs))
        db.session.execute(delete(TokenDirectory).where(TokenDirectory.row_id.in_(gone)))
