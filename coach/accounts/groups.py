"""Groups of clients: which there are, who is in them, and the filter every list may use."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.models import Client, CoachClient, Group, GroupClient
from coach.extensions import db
from coach.ids import new_id


@dataclass(frozen=True, slots=True)
class Squad:
    """A group as one person may know it: `clients` counts those whom they may know of."""

    id: UUID
    name: str
    clients: int


class NameTaken(Exception):
    """Another group of the organisation has this name, in whatever case."""


def of_group(chosen: Select[Client], group_id: UUID | None) -> Select[Client]:
    """Keep those in a group; everybody without one, nobody of an absent or a stranger's."""
    if group_id is None:
        return chosen
    return chosen.where(
        exists().where(
            GroupClient.organisation_id == Client.organisation_id,
            GroupClient.client_id == Client.id,
            GroupClient.group_id == group_id,
        )
    )


def of_coach(chosen: Select[Client], coach_id: UUID | None) -> Select[Client]:
    """Keep those whom a coach (by membership) coaches; everybody without one."""
    if coach_id is None:
        return chosen
    coached = exists().where(
        CoachClient.organisation_id == Client.organisation_id,
        CoachClient.client_id == Client.id,
        CoachClient.coach_id == coach_id,
    )
    return chosen.where(coached.correlate(Client))  # whom a coach knows of is joined there already


def squads(viewer: Viewer) -> list[Squad]:
    """List the groups of the organisation by name."""
    mine = viewer.clients().with_only_columns(Client.id).subquery()
    found = db.session.execute(
        select(Group.id, Group.name, func.count(mine.c.id))
        .join(
            GroupClient,
            and_(
                GroupClient.organisation_id == Group.organisation_id,
                GroupClient.group_id == Group.id,
            ),
            isouter=True,
        )
        .join(mine, mine.c.id == GroupClient.client_id, isouter=True)
        .where(Group.organisation_id == viewer.organisation_id)
        .group_by(Group.id, Group.name)
        .order_by(func.lower(Group.name))
    )
    return [Squad(*row) for row in found]


def group_or_404(viewer: Viewer, group_id: UUID) -> Group:
    """Find a group of the organisation."""
    found: Group = db.first_or_404(
        select(Group).where(Group.organisation_id == viewer.organisation_id, Group.id == group_id)
    )
    return found


def may_rule(viewer: Viewer, group: Group) -> bool:
    """Tell whether somebody may rename or remove a group: they know of everybody in it."""
    known = viewer.clients().with_only_columns(Client.id)
    strangers = select(GroupClient.client_id).where(
        *_is_in(group), GroupClient.client_id.not_in(known)
    )
    return db.session.scalar(strangers.limit(1)) is None


def ruled_or_404(viewer: Viewer, group_id: UUID) -> Group:
    """Find a group that somebody may rename or remove."""
    found = group_or_404(viewer, group_id)
    if not may_rule(viewer, found):
        abort(404)
    return found


def members(group: Group) -> frozenset[UUID]:
    """Name the clients in a group; show only those whom the viewer may know of."""
    return frozenset(db.session.scalars(select(GroupClient.client_id).where(*_is_in(group))))


def make(name: str, *, by: Viewer) -> Group:
    """Make a group without anybody in it; raises NameTaken."""
    made = Group(id=new_id(), organisation_id=by.organisation_id)
    _call(made, name)
    audit.record("group_made", by=by.user_id, subject=made.id)
    return made


def rename(group: Group, name: str, *, by: Viewer) -> None:
    """Call a group something else; raises NameTaken."""
    _call(group, name)
    audit.record("group_renamed", by=by.user_id, subject=group.id)


def remove(group: Group, *, by: Viewer) -> None:
    """Remove a group; its clients stay who they are."""
    audit.record("group_removed", by=by.user_id, subject=group.id)
    db.session.delete(group)


def put(group: Group, chosen: Collection[UUID], *, by: Viewer) -> None:
    """Put in exactly the chosen of those whom `by` may know of; others stay as they are."""
    known = set(db.session.scalars(by.clients().with_only_columns(Client.id)))
    there, wanted = members(group) & known, known & set(chosen)
    db.session.execute(
        delete(GroupClient).where(*_is_in(group), GroupClient.client_id.in_(there - wanted))
    )
    mine = {"organisation_id": group.organisation_id, "group_id": group.id}
    if new := [mine | {"client_id": each} for each in wanted - there]:
        db.session.execute(insert(GroupClient).values(new).on_conflict_do_nothing())
    changed = {"in": len(wanted - there), "out": len(there - wanted)}
    audit.record("group_changed", by=by.user_id, subject=group.id, details=changed)


def _call(group: Group, name: str) -> None:
    """Let the database decide whether a name is free: two coaches may choose it at once."""
    try:
        with db.session.begin_nested():
            group.name = name
            db.session.add(group)
    except IntegrityError:
        raise NameTaken from None


def _is_in(group: Group) -> tuple[ColumnElement[bool], ...]:
    return (
        GroupClient.organisation_id == group.organisation_id,
        GroupClient.group_id == group.id,
    )
