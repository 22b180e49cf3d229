"""A link as a sync knows it: read, held and written, fenced by its generation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.sql.dml import ReturningUpdate

from coach.accounts.models import Client, Organisation
from coach.database.writes import Writes
from coach.extensions import db
from coach.whoop.models import Integration, Status, WhoopRecord
from coach.whoop.payloads import RecordKind
from coach.whoop.sync.cursors import LISTS, TRIGGER, Cursors

# What each page asks and writes, built once; `_place` gives the parameters.
_LINKED = (
    Integration.organisation_id == bindparam("owner"),
    Integration.id == bindparam("link"),
    Integration.generation == bindparam("made"),
    Integration.status != Status.DISCONNECTED,
)
_LOAD = (
    select(
        Integration.client_id,
        Integration.whoop_app_id,
        Integration.generation,
        Integration.scopes,
        Integration.last_sync,
        Integration.cursors,
        Integration.history,
        Client.timezone,
    )
    .join(Client, Client.id == Integration.client_id)
    .join(Organisation, Organisation.id == Integration.organisation_id)
    .where(*_LINKED[:2], Integration.status != Status.DISCONNECTED, Integration.sync_enabled)
    .where(Client.organisation_id == bindparam("owner"), Client.archived_at.is_(None))
    .where(Organisation.suspended_at.is_(None))
)
_HOLD = _LOAD.with_for_update(key_share=True, of=Integration)
_CHECK = select(Integration.cursors).where(*_LINKED).with_for_update(key_share=True)
_UPDATE = update(Integration).where(*_LINKED).returning(Integration.id)
_PUT = _UPDATE.values(cursors=Integration.cursors.op("||")(bindparam("news", type_=JSONB)))
_NOTE = (
    "UPDATE integrations SET cursors = cursors || CAST(:news AS jsonb)"
    " WHERE organisation_id = :owner AND id = :link"
)
# The newest word on a cycle begun since then: up to when WHOOP has told us something.
_THROUGH = select(
    func.max(func.coalesce(WhoopRecord.provider_updated_at, WhoopRecord.starts_at))
).where(
    WhoopRecord.organisation_id == bindparam("owner"),
    WhoopRecord.client_id == bindparam("client"),
    WhoopRecord.kind == RecordKind.CYCLE,
    WhoopRecord.starts_at >= bindparam("since"),
)
# That a link is up to date; the time is that of the commit. `finished` gives the parameters.
FINISH = _UPDATE.values(
    last_sync=bindparam("last_sync"),
    data_through=func.greatest(Integration.data_through, _THROUGH.scalar_subquery()),
    status=Status.ACTIVE.value,
    error=null(),
    cursors=bindparam("cursors", type_=JSONB),
)
_WITHOUT_PLACES = Integration.cursors.op("-")(array([TRIGGER, *(kind.value for kind in LISTS)]))
_MARK = _UPDATE.values(
    status=bindparam("status"), error=bindparam("error"), cursors=_WITHOUT_PLACES
)
_MARK_UNPLANNED = _MARK.values(next_sync=null())


class Gone(Exception):
    """The link was cut or replaced while we worked; nothing more may be written."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a sync knows of its integration, as it was when the sync began."""

    id: UUID
    organisation_id: UUID
    client_id: UUID
    whoop_app_id: UUID
    generation: int
    scopes: frozenset[str]
    last_sync: datetime | None
    cursors: Cursors
    history: Mapping[str, object]
    timezone: str


def load(integration_id: UUID, organisation_id: UUID, *, hold: bool = False) -> Link:
    """Read the integration, and lock it to `hold` it; raises Gone when it is not to be synced."""
    wanted = _HOLD if hold else _LOAD
    place = {"owner": organisation_id, "link": integration_id}
    row = db.session.connection().execute(wanted, place).one_or_none()
    if row is None or row.whoop_app_id is None:  # never linked
        raise Gone
    return Link(
        id=integration_id,
        organisation_id=organisation_id,
        client_id=row.client_id,
        whoop_app_id=row.whoop_app_id,
        generation=row.generation,
        scopes=frozenset(row.scopes),
        last_sync=row.last_sync,
        cursors=dict(row.cursors),
        history=row.history or {},
        timezone=row.timezone,
    )


def is_linked(integration_id: UUID, organisation_id: UUID) -> bool:
    """Tell whether there is a link to be synced."""
    try:
        load(integration_id, organisation_id)
    except Gone:
        return False
    return True


def is_cared_for(client: Client) -> bool:
    """Tell whether anything is read of a client: not once they or their organisation are put away."""
    organisation = db.session.get_one(Organisation, client.organisation_id)
    return client.archived_at is None and organisation.suspended_at is None


def note(link: Link, values: Mapping[str, object], writes: Writes) -> None:
    """Write some cursors of a link that is held, with other writes."""
    place = {"owner": link.organisation_id, "link": link.id}
    writes.add(_NOTE, {**place, "news": json.dumps(values)})


def put(link: Link, values: Mapping[str, object]) -> None:
    """Write some cursors; raises Gone after a disconnect."""
    _write(link, _PUT, news=dict(values))


def check(link: Link) -> Cursors:
    """Hold the integration's row and give its cursors as they are now; raises Gone."""
    cursors = db.session.connection().scalar(_CHECK, _place(link))
    if cursors is None:
        raise Gone
    return dict(cursors)


def finished(
    link: Link, *, now: datetime, since: datetime, cursors: Mapping[str, object]
) -> dict[str, object]:
    """Give the parameters of FINISH for a link that is held; `since` is how far back was read."""
    told = {"last_sync": now, "since": since, "cursors": dict(cursors)}
    return {**_place(link), "client": link.client_id, **told}


def mark(link: Link, status: Status, error: str) -> None:
    """Say that the link needs somebody, and read all its lists from their tops next time.

    Nothing is planned any more for one that waits for its client.
    """
    statement = _MARK_UNPLANNED if status is Status.RECONNECT_NEEDED else _MARK
    _write(link, statement, status=status.value, error=error[:200])


def _write(link: Link, statement: ReturningUpdate[UUID], **values: object) -> None:
    written = db.session.connection().execute(statement, {**_place(link), **values})
    if written.one_or_none() is None:
        raise Gone


def _place(link: Link) -> dict[str, object]:
    return {"owner": link.organisation_id, "link": link.id, "made": link.generation}
