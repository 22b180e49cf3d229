"""How WHOOP treats one of our apps as a whole: refused, or losing grants in masses.

Both are counted and kept in rows, so that every process sees the same and an operator is told once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Connection, Update, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.grant.verdicts import CLOSED_FOR, FREEZE, MASS_WITHIN, Outcome, is_mass_failure
from coach.whoop.models import WhoopLink
from coach.work import clock

log = structlog.get_logger()

# Each refresh asks it, so it is built once.
_CLOSED_UNTIL = select(AppStanding.closed_until).where(AppStanding.whoop_app_id == bindparam("app"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with an app at WHOOP now: refused since, verdicts frozen until; mostly neither."""

    refused_since: datetime | None = None
    frozen_until: datetime | None = None


NO_TROUBLE = Trouble()


def trouble_of(app_id: UUID) -> Trouble:
    """Say, in the running transaction, what is wrong with an app."""
    frozen = case((AppStanding.frozen_until > clock.instant(), AppStanding.frozen_until))
    wrong = select(AppStanding.refused_since, frozen).where(AppStanding.whoop_app_id == app_id)
    row = db.session.execute(wrong).one_or_none()
    return Trouble(*row) if row else NO_TROUBLE


def closed_until(connection: Connection, app_id: UUID) -> datetime | None:
    """Say until when nobody may ask for tokens of an app, because WHOOP refuses the app."""
    return connection.execute(_CLOSED_UNTIL, {"app": app_id}).scalar_one_or_none()


def close(app_id: UUID) -> None:
    """Ask for no tokens of an app for some minutes; whoever runs this is told once."""
    with acting_for(None), db.engine.begin() as connection:
        _ensure(connection, app_id)
        later = clock.instant() + CLOSED_FOR
        connection.execute(_mine(app_id).values(closed_until=later))
        unknown = AppStanding.refused_since.is_(None)
        first = connection.execute(
            _mine(app_id, unknown).values(refused_since=clock.instant())
        ).rowcount
    if first:
        log.error("whoop_refuses_our_app", app=str(app_id), look_at="client id and secret")


def open_again(app_id: UUID) -> None:
    """Forget that an app was refused, now that WHOOP has taken it."""
    known = AppStanding.refused_since.is_not(None)
    with acting_for(None), db.engine.begin() as connection:
        mended = connection.execute(
            _mine(app_id, known).values(refused_since=None, closed_until=None)
        ).rowcount
    if mended:
        log.info("whoop_takes_our_app_again", app=str(app_id))


def is_frozen(app_id: UUID) -> bool:
    """Tell whether no grant of an app may be declared dead; begins a freeze when many die at once.

    When a freeze has run out, verdicts fall for as long as it lasted, whatever the numbers.
    """
    with acting_for(None), db.engine.begin() as connection:
        if _many_died(connection, app_id):
            _freeze(connection, app_id)
        frozen = select(AppStanding.frozen_until > clock.instant()).where(
            AppStanding.whoop_app_id == app_id
        )
        return bool(connection.execute(frozen).scalar_one_or_none())


def release(app_id: UUID) -> bool:
    """Let verdicts fall from now on: an operator has looked; False when they did anyway."""
    with acting_for(None), db.engine.begin() as connection:
        frozen = AppStanding.frozen_until > clock.instant()
        thawed = connection.execute(_mine(app_id, frozen).values(frozen_until=clock.instant()))
        return thawed.rowcount > 0


def _many_died(connection: Connection, app_id: UUID) -> bool:
    died = select(func.count(func.distinct(TokenCall.integration_id))).where(
        TokenCall.whoop_app_id == app_id,
        TokenCall.outcome == Outcome.DEAD.value,
        TokenCall.ended_at > clock.instant() - MASS_WITHIN,
    )
    linked = select(func.count()).where(WhoopLink.whoop_app_id == app_id)
    return is_mass_failure(
        connection.execute(died).scalar_one(), connection.execute(linked).scalar_one()
    )


def _freeze(connection: Connection, app_id: UUID) -> None:
    _ensure(connection, app_id)
    until = AppStanding.frozen_until
    fresh = or_(until.is_(None), until < clock.instant() - FREEZE)
    if connection.execute(
        _mine(app_id, fresh).values(frozen_until=clock.instant() + FREEZE)
    ).rowcount:
        log.error("whoop_verdicts_frozen", app=str(app_id), hours=FREEZE.total_seconds() / 3600)


def _ensure(connection: Connection, app_id: UUID) -> None:
    connection.execute(insert(AppStanding).values(whoop_app_id=app_id).on_conflict_do_nothing())


def _mine(app_id: UUID, *more: ColumnElement[bool]) -> Update:
    return update(AppStanding).where(AppStanding.whoop_app_id == app_id, *more)
