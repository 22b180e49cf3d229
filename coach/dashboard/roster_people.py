"""Who is on a list: names, zones and how the link of each stands, as columns of one statement."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, text

from coach.accounts.models import Client
from coach.days.readings import EXPORTED_TO
from coach.extensions import db, settings
from coach.whoop.linking.links import PROVIDER
from coach.whoop.models import Integration
from coach.whoop.screens.standing import Facts, Standing, standing_of
from coach.whoop.sync.jobs import SYNC
from coach.work.models import OPEN_STATES, Work, WorkState


@dataclass(frozen=True, slots=True)
class Link:
    """How a client's link to WHOOP stands; of who never linked, how far their export reaches."""

    standing: Standing
    last_sync: datetime | None
    exported_to: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A client of a list; `link` is None where nobody asks, or there is no WHOOP."""

    id: UUID
    name: str
    timezone: str
    link: Link | None


_OF_CLIENT = (Client.id, Client.name, Client.timezone)
_OF_LINK = (Integration.status, Integration.last_sync, Integration.data_through, Work.state)
_LINKED = and_(
    Integration.organisation_id == Client.organisation_id,
    Integration.client_id == Client.id,
    Integration.provider == PROVIDER,
)
_EXPORTED_TO = case((Integration.status.is_(None), EXPORTED_TO)).label("exported_to")
# What WHOOP did not answer waits to be asked again.
_WAITS = and_(
    Work.kind == SYNC.name,
    Work.subject_id == Integration.id,
    Work.error.is_not(None),
    text(OPEN_STATES),
)


def people(chosen: Select[Client], *, with_links: bool = True) -> list[Person]:
    """Read what a list needs of some clients; there may be hundreds."""
    if not (with_links and settings().feature_whoop_integration):
        unlinked = db.session.execute(chosen.with_only_columns(*_OF_CLIENT))
        return [Person(id_, name, zone, None) for id_, name, zone in unlinked]
    linked = chosen.join(Integration, _LINKED, isouter=True).join(Work, _WAITS, isouter=True)
    found = db.session.execute(linked.with_only_columns(*_OF_CLIENT, *_OF_LINK, _EXPORTED_TO))
    return [Person(row.id, row.name, row.timezone, _link(row)) for row in found]


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    if row.status is None:
        return Link(Standing.NOT_LINKED, None, row.exported_to)
    waits = row.state == WorkState.WAITING
    syncs = row.state is not None
    facts = Facts(row.status, row.last_sync, row.data_through, sync=syncs, sync_waits=waits)
    return Link(standing_of(facts), row.last_sync)
