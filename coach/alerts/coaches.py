"""Whose rule it is: the coach as a viewer, so that background work sees no more than they do."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from coach.accounts.access import Viewer, written_to
from coach.accounts.models import CoachClient, Organisation, Role
from coach.alerts.models import AlertRule
from coach.alerts.rules import WATCHABLE, Rule
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.ids import new_id
from coach.insights.signals import SignalName


@dataclass(frozen=True, slots=True)
class Ruled:
    """A coach's rule, the coach, and the language they are written to in."""

    rule: AlertRule
    coach: Viewer
    locale: str


def ruled(rule_id: UUID) -> Ruled | None:
    """Find a rule and its coach; None when they have left. Only those they coach count."""
    mine = (AlertRule.organisation_id == current_organisation(), AlertRule.id == rule_id)
    rule = db.session.scalar(select(AlertRule).where(*mine))
    found = written_to(rule.coach_id) if rule else None
    if rule is None or found is None:
        return None
    eyes, locale = found
    # An owner who coaches is told of their own clients.
    return Ruled(rule, replace(eyes, role=Role.COACH, timezone=rule.timezone), locale)


def rule_of(viewer: Viewer) -> AlertRule:
    """Find the rule of who looks, or give one that is not kept yet: the usual."""
    found = db.session.scalar(
        select(AlertRule).where(
            AlertRule.organisation_id == viewer.organisation_id,
            AlertRule.coach_id == viewer.membership_id,
        )
    )
    return found or AlertRule(**usual(viewer.membership_id, viewer.timezone))


def coaches_anybody(viewer: Viewer) -> bool:
    """Tell whether there is anybody of whom alerts could tell the viewer."""
    mine = select(CoachClient.client_id).where(
        CoachClient.organisation_id == viewer.organisation_id,
        CoachClient.coach_id == viewer.membership_id,
    )
    return db.session.scalar(mine.limit(1)) is not None


def usual(coach_id: UUID, timezone: str) -> dict[str, object]:
    """Give the columns of the rule of somebody who has chosen nothing."""
    return {
        "organisation_id": current_organisation(),
        "id": new_id(),
        "coach_id": coach_id,
        "timezone": timezone,
        "signals": [name.value for name in WATCHABLE],
        "watches_quiet": True,
        "sds": 2.0,
        "persistent": True,
        "cooldown_hours": 24,
        "digest": True,
        "digest_hour": 7,
        "active": True,
    }


def as_rule(kept: AlertRule) -> Rule:
    """Give what is stored as the pure rules know it."""
    watched = frozenset(SignalName(name) for name in kept.signals)
    return Rule(watched, kept.sds, kept.persistent, kept.cooldown_hours)


def give_everybody_a_rule() -> None:
    """Make the usual rule for every coach of the organisation who has none; two statements."""
    ruled_ones = select(AlertRule.coach_id).where(
        AlertRule.organisation_id == current_organisation()
    )
    without = db.session.execute(
        select(CoachClient.coach_id, func.min(Organisation.timezone))
        .join(Organisation, Organisation.id == CoachClient.organisation_id)
        .where(
            CoachClient.organisation_id == current_organisation(),
            CoachClient.coach_id.not_in(ruled_ones),
        )
        .group_by(CoachClient.coach_id)
    )
    rows = [usual(coach_id, timezone) for coach_id, timezone in without]
    if rows:
        db.session.execute(insert(AlertRule).on_conflict_do_nothing(), rows)
