"""How the links of all clients stand, for the owner: three statements, however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from coach.accounts.access import Viewer
from coach.accounts.models import Client
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
    """One client and their link; no value of theirs."""

    client_id: UUID
    name: str
    state: Standing
    quiet_days: int
    last_sync: datetime | None
    data_through: datetime | None
    next_sync: datetime | None


def of_all(looking: Viewer) -> Sequence[Row]:
    """List the clients the viewer may know of, those whose link needs somebody first."""
    clients = db.session.execute(looking.clients()).scalars().all()
    links = _links(looking, [each.id for each in clients])
    works = underway([link.id for link in links.values()])
    rows = [_row(each, links.get(each.id), works) for each in clients]
    return sorted(rows, key=lambda row: (row.state not in FIRST, row.name.casefold()))


def of_client(client: Client, *, by: Viewer) -> Row:
    """Tell how the link of one client stands whom the viewer has found; one statement."""
    found = db.session.execute(
        select(Integration, Work)
        .join(Work, and_(UNDERWAY, Work.subject_id == Integration.id), isouter=True)
        .where(
            Integration.organisation_id == by.organisation_id,
            Integration.provider == PROVIDER,
            Integration.client_id == client.id,
        )
    ).all()
    link = found[0][0] if found else None
    works = [work for _, work in found if work]
    return _row(client, link, by_link([link.id], works) if link else {})


def _links(looking: Viewer, client_ids: Collection[UUID]) -> Mapping[UUID, Integration]:
    links = db.session.scalars(
        select(Integration).where(
            Integration.organisation_id == looking.organisation_id,
            Integration.provider == PROVIDER,
            Integration.client_id.in_(client_ids),
        )
    )
    return {link.client_id: link for link in links}


def _row(client: Client, link: Integration | None, works: Mapping[UUID, Underway]) -> Row:
    return Row(
        client_id=client.id,
        name=client.name,
        state=standing(link, works[link.id] if link else Underway()),
        quiet_days=quiet_days(link) if link else 0,
        last_sync=link.last_sync if link else None,
        data_through=link.data_through if link else None,
        next_sync=link.next_sync if link else None,
    )
