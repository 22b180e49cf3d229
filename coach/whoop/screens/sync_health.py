"""How the links of all clients stand, for the owner: four statements, however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, case, select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.days import readings
from coach.extensions import db
from coach.whoop.linking.links import PROVIDER
from coach.whoop.models import Integration
from coach.whoop.screens.standing import (
    UNDERWAY,
    Standing,
    Underway,
    by_link,
    quiet_days,
    standing,
    underway,
)
from coach.work.models import Work

# What needs somebody comes first.
FIRST = (Standing.RECONNECT, Standing.ERROR, Standing.WAITING, Standing.QUIET)


@dataclass(frozen=True, slots=True)
class Row:
    """One client and their link, or how far the export of one without reaches; no value."""

    client_id: UUID
    name: str
    state: Standing
    quiet_days: int
    last_sync: datetime | None
    data_through: datetime | None
    next_sync: datetime | None
    exported_to: date | None = None


def of_all(looking: Viewer) -> Sequence[Row]:
    """List the clients the viewer may know of, those whose link needs somebody first."""
    clients = db.session.execute(looking.clients()).scalars().all()
    links = _links(looking, [each.id for each in clients])
    works = underway([link.id for link in links.values()])
    exports = readings.exported_to([each.id for each in clients if each.id not in links])
    rows = [_row(each, links.get(each.id), works, exports) for each in clients]
    return sorted(rows, key=lambda row: (row.state not in FIRST, row.name.casefold()))


def of_client(client: Client, *, by: Viewer) -> Row:
    """Tell how the link of one client stands whom the viewer has found; one statement."""
    linked = and_(
        Integration.organisation_id == Client.organisation_id,
        Integration.client_id == Client.id,
        Integration.provider == PROVIDER,
    )
    exported_to = case((Integration.id.is_(None), readings.EXPORTED_TO))
    found = db.session.execute(
        select(Integration, Work, exported_to)
        .select_from(Client)
        .join(Integration, linked, isouter=True)
        .join(Work, and_(UNDERWAY, Work.subject_id == Integration.id), isouter=True)
        .where(Client.organisation_id == by.organisation_id, Client.id == client.id)
    ).all()
    link, _, last_exported = found[0] if found else (None, None, None)
    works = by_link([link.id], [work for _, work, _ in found if work]) if link else {}
    return _row(client, link, works, {client.id: last_exported} if last_exported else {})


def _links(looking: Viewer, client_ids: Collection[UUID]) -> Mapping[UUID, Integration]:
    links = db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == looking.organisation_id,
            Integration.provider == PROVIDER,
            Integration.client_id.in_(client_ids),
        )
    )
    return {link.client_id: link for link in links}


def _row(
    client: Client,
    link: Integration | None,
    works: Mapping[UUID, Underway],
    exports: Mapping[UUID, date],
) -> Row:
    return Row(
        client_id=client.id,
        name=client.name,
        state=standing(link, works[link.id] if link else Underway()),
        quiet_days=quiet_days(link) if link else 0,
        last_sync=link.last_sync if link else None,
        data_through=link.data_through if link else None,
        next_sync=link.next_sync if link else None,
        exported_to=exports.get(client.id),
    )
