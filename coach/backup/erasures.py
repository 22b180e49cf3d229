"""The list of who was erased: kept apart from backups, and applied again after one is restored."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select, text, update

from coach.accounts.installation import Erased
from coach.accounts.models import Client, Membership, Organisation, User
from coach.cli import Refused
from coach.closing import ending
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.privacy import leaving
from coach.privacy.erasing import ERASE_ACCOUNT, ERASE_CLIENT, ERASE_WHOOP
from coach.work.asking import Kind, ask, open_work
from coach.work.leases import now
from coach.work.perform import perform


@dataclass(frozen=True, slots=True)
class Entry:
    """One erasure, and when it was last told."""

    kind: Erased
    subject_id: UUID
    organisation_id: UUID | None
    at: datetime


def in_database(connection: Connection) -> list[Entry]:
    """Read the list of a database; one without a schema has none."""
    if connection.scalar(text("SELECT to_regclass('public.erasures')")) is None:
        return []
    found = connection.execute(
        text("SELECT kind, subject_id, organisation_id, updated_at FROM erasures ORDER BY id")
    )
    return [Entry(Erased(kind), subject, whose, at) for kind, subject, whose, at in found]


def in_file(path: Path) -> list[Entry]:
    """Read what `coach erasures` printed; raises Refused for anything else."""
    try:
        return [_entry(json.loads(line)) for line in path.read_text().splitlines()]
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{path} is no list of erasures; `coach erasures` prints one.") from None


def as_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Print the list, one JSON object a line."""
    return (json.dumps(asdict(entry), default=str) for entry in entries)


def apply_again(entries: Iterable[Entry], *, backed_up_at: datetime) -> int:
    """Erase again whom a restored backup has brought back; how many there were.

    Runs in an application context. Clients and accounts are gone when this returns; the deletion
    of an organisation goes on by work, as it always does.
    """
    again = 0
    for entry in entries:
        again += _APPLY[entry.kind](entry, backed_up_at)
        act_for_nobody()
        db.session.remove()
    return again


def _entry(said: dict[str, str | None]) -> Entry:
    whose = said["organisation_id"]
    return Entry(
        Erased(str(said["kind"])),
        UUID(said["subject_id"]),
        UUID(whose) if whose else None,
        datetime.fromisoformat(str(said["at"])),
    )


def _client(entry: Entry, _backed_up_at: datetime) -> bool:
    """Put a client away, as if they had left, and delete them."""
    client = _client_of(entry)
    if client is None:
        return False
    client.archived_at = client.archived_at or now()
    here = (
        Membership.organisation_id == client.organisation_id,
        Membership.user_id == client.user_id,
    )
    db.session.execute(update(Membership).where(*here).values(removed_at=now()))
    _perform(ERASE_CLIENT, entry)
    return True


def _whoop_data(entry: Entry, backed_up_at: datetime) -> bool:
    """Delete what WHOOP told, unless the backup is younger: then it was told anew."""
    if entry.at <= backed_up_at or _client_of(entry) is None:
        return False
    _perform(ERASE_WHOOP, entry)
    return True


def _account(entry: Entry, _backed_up_at: datetime) -> bool:
    if db.session.get(User, entry.subject_id) is None:
        return False
    leaving.delete_account(entry.subject_id, now=now())
    asked = open_work(ERASE_ACCOUNT, entry.subject_id)
    db.session.commit()
    if asked is not None:
        perform(str(asked.id))
    return True


def _organisation(entry: Entry, _backed_up_at: datetime) -> bool:
    act_for(entry.subject_id, user_id=None, session=db.session())
    if db.session.get(Organisation, entry.subject_id) is None:
        return False
    ending.begin(entry.subject_id, now=now())
    db.session.commit()
    return True


def _client_of(entry: Entry) -> Client | None:
    act_for(entry.organisation_id, user_id=None, session=db.session())
    mine = (Client.organisation_id == entry.organisation_id, Client.id == entry.subject_id)
    return db.session.scalar(select(Client).where(*mine))


def _perform(kind: Kind, entry: Entry) -> None:
    work_id = ask(kind, organisation_id=entry.organisation_id, subject_id=entry.subject_id)
    db.session.commit()
    perform(str(work_id))


_APPLY = {
    Erased.CLIENT: _client,
    Erased.ACCOUNT: _account,
    Erased.WHOOP_DATA: _whoop_data,
    Erased.ORGANISATION: _organisation,
}
