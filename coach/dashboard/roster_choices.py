"""Which groups and coaches the roster can be narrowed to, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, Select, Subquery, and_, literal, select, union_all

from coach.accounts.access import Viewer
from coach.accounts.models import Client, CoachClient, Group, GroupClient, Membership
from coach.extensions import db

Choice = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """Groups with somebody whom the viewer knows of, and who coaches those; each by name."""

    groups: list[Choice]
    coaches: list[Choice]


def for_viewer(viewer: Viewer) -> Choices:
    """Gather what there is to choose; a coach who is the only one has no coaches to choose."""
    mine = viewer.clients().with_only_columns(Client.id, Client.organisation_id).subquery()
    found = db.session.execute(union_all(_groups(mine), _coaches(mine))).all()
    coaches = _of("coach", found)
    return Choices(_of("group", found), coaches if len(coaches) > 1 else [])


def _groups(mine: Subquery) -> Select[str, UUID, str]:
    is_in = and_(
        GroupClient.organisation_id == mine.c.organisation_id, GroupClient.client_id == mine.c.id
    )
    of_it = and_(
        Group.organisation_id == GroupClient.organisation_id, Group.id == GroupClient.group_id
    )
    return (
        select(literal("group"), Group.id, Group.name)
        .select_from(mine)
        .join(GroupClient, is_in)
        .join(Group, of_it)
        .distinct()
    )


def _coaches(mine: Subquery) -> Select[str, UUID, str]:
    coached = and_(
        CoachClient.organisation_id == mine.c.organisation_id, CoachClient.client_id == mine.c.id
    )
    by = and_(
        Membership.organisation_id == CoachClient.organisation_id,
        Membership.id == CoachClient.coach_id,
        Membership.removed_at.is_(None),
    )
    return (
        select(literal("coach"), Membership.id, Membership.name)
        .select_from(mine)
        .join(CoachClient, coached)
        .join(Membership, by)
        .distinct()
    )


def _of(kind: str, found: Sequence[Row[str, UUID, str]]) -> list[Choice]:
    return sorted(((chosen, name) for it, chosen, name in found if it == kind), key=_by_name)


def _by_name(choice: Choice) -> str:
    return choice[1].casefold()
