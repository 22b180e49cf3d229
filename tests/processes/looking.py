"""Bring somebody's WHOOP, and look at what came of it."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, select

from coach.database.tenancy import acting_for
from coach.demo.visitor import Visitor
from coach.extensions import db
from coach.whoop.models import Integration
from coach.whoop.sync.jobs import SYNC
from coach.work.models import Work
from tests.cast import PASSWORD, Somebody
from tests.processes.conftest import base_url
from tests.processes.gate import Gate
from tests.processes.stage import Stage

MEMBER = "mara"
T = TypeVar("T")


def link(stage: Stage, gate: Gate, who: Somebody) -> None:
    """Link WHOOP through the pages."""
    with Visitor(base_url(stage), gate.beyond) as visitor:
        visitor.sign_in(who.email, PASSWORD)
        visitor.link_whoop(MEMBER)


def seen_by(who: Somebody, question: Select[T]) -> Sequence[T]:
    """Ask as the organisation of somebody."""
    db.session.rollback()
    with acting_for(who.organisation_id):
        return db.session.scalars(question).all()


def state_of(who: Somebody) -> str | None:
    """Say how the sync of somebody's link stands."""
    (integration,) = seen_by(
        who, select(Integration.id).where(Integration.client_id == who.client_id)
    )
    return db.session.scalar(
        select(Work.state).where(Work.subject_id == integration, Work.kind == SYNC.name)
    )
