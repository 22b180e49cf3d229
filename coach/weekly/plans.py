"""What coaches want to watch in a week: written, taken back, and read by coach and client."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid as UuidType
from sqlalchemy import and_, any_, delete, false, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from coach.accounts.access import Viewer
from coach.accounts.models import CoachClient, Membership
from coach.extensions import db
from coach.ids import new_id
from coach.weekly.models import HAS_COACH, LONGEST_PLAN, ONE_OF_COACH, WeeklyPlan
from coach.weekly.week import Week


@dataclass(frozen=True, slots=True)
class Plan:
    """A text, by whom it is (None: their account is deleted), and whether it is for all of theirs."""

    text: str
    coach_id: UUID | None
    coach_name: str | None
    client_id: UUID | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned for a week, and which coaches each client has."""

    plans: Sequence[Plan]
    coaches: Collection[tuple[UUID, UUID]]  # client, coach

    @property
    def of_everybody(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.client_id is None]

    def of_client(self, client_id: UUID) -> list[Plan]:
        """List what is for a client: their own texts first, then those for everybody."""
        own = [plan for plan in self.plans if plan.client_id == client_id]
        return own + [it for it in self.of_everybody if (client_id, it.coach_id) in self.coaches]


def of_week(client_ids: Collection[UUID], week: Week, *, by: Viewer) -> Planned:
    """Read the plans for clients whom the caller has found by the viewer; two statements."""
    ids = literal(list(client_ids), ARRAY(UuidType))
    coaches = db.session.execute(
        select(CoachClient.client_id, CoachClient.coach_id).where(
            CoachClient.organisation_id == by.organisation_id, CoachClient.client_id == any_(ids)
        )
    )
    pairs = frozenset((client, coach) for client, coach in coaches)
    author = and_(
        Membership.organisation_id == WeeklyPlan.organisation_id,
        Membership.id == WeeklyPlan.coach_id,
    )
    for_all = and_(
        WeeklyPlan.client_id.is_(None), WeeklyPlan.coach_id.in_({coach for _, coach in pairs})
    )
    rows = db.session.execute(
        select(WeeklyPlan.text, WeeklyPlan.coach_id, Membership.name, WeeklyPlan.client_id)
        .join(Membership, author, isouter=True)
        .where(
            WeeklyPlan.organisation_id == by.organisation_id,
            WeeklyPlan.monday == week.monday,
            or_(WeeklyPlan.client_id == any_(ids), for_all),
        )
        .order_by(Membership.name, WeeklyPlan.id)
    )
    return Planned([Plan(*row) for row in rows], pairs)


def write(text: str, week: Week, client_ids: Collection[UUID | None], *, by: Viewer) -> None:
    """Keep a coach's text for clients they coach (None: all of theirs); an empty one takes it back.

    Line ends are the browser's; longer texts are cut.
    """
    said = text.replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST_PLAN].strip()
    if not client_ids:
        return
    if said:
        _keep(said, week, client_ids, by)
    else:
        _take_back(week, client_ids, by)


def _keep(text: str, week: Week, client_ids: Collection[UUID | None], by: Viewer) -> None:
    whose = {"organisation_id": by.organisation_id, "coach_id": by.membership_id}
    said = {**whose, "monday": week.monday, "text": text}
    row = insert(WeeklyPlan).values(
        [{**said, "id": new_id(), "client_id": it} for it in client_ids]
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=ONE_OF_COACH, index_where=HAS_COACH, set_={"text": row.excluded.text}
        )
    )


def _take_back(week: Week, client_ids: Collection[UUID | None], by: Viewer) -> None:
    for_all = WeeklyPlan.client_id.is_(None) if None in client_ids else false()
    db.session.execute(
        delete(WeeklyPlan).where(
            WeeklyPlan.organisation_id == by.organisation_id,
            WeeklyPlan.coach_id == by.membership_id,
            WeeklyPlan.monday == week.monday,
            or_(WeeklyPlan.client_id.in_([it for it in client_ids if it]), for_all),
        )
    )
