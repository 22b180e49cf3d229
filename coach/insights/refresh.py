"""Bring one client's insights up to date: what is stale, and today when the day has changed.

Everything is a function of what is known up to a date, so working it out twice, late, or from the
beginning ends in the same rows. Older dates than those kept are worked out by nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from coach.accounts.models import Client
from coach.database.bulk import Row, upsert_changed
from coach.database.tenancy import current_organisation
from coach.days.calendar import today
from coach.days.models import StaleDays
from coach.extensions import db
from coach.insights import formulas, judging, knowing
from coach.insights.formulas import FORMULA_VERSION, LOOKS_BACK_DAYS
from coach.insights.life import Life
from coach.insights.models import BurnoutScore, Insight

KEPT_DAYS = 120
A_DAY = timedelta(days=1)
TABLES = (Insight, BurnoutScore)
KEY = ("organisation_id", "client_id", "date")


@dataclass(frozen=True, slots=True)
class _Mark:
    """The mark as it was read: stale since when, and how many changes it stands for."""

    since: date
    changes: int


def refresh(client_id: UUID, *, now: datetime, since: date | None = None) -> int:
    """Work out what is out of date of one client, and all from `since`; how many dates that were.

    A dozen statements, however many dates. Runs in the transaction of the caller.
    """
    timezone = _hold(client_id)
    if timezone is None:
        return 0
    here = today(now, timezone)
    mark = _mark(client_id)  # before the days: who changes one later changes the mark too
    stale = [day for day in (since, mark and mark.since, _behind(client_id, here)) if day]
    if not stale:
        return 0
    dates = _work_out(client_id, min([*stale, here]), here)
    _take_away(client_id, mark)
    return dates


def rebuild(client_id: UUID, *, now: datetime) -> int:
    """Forget a client's insights and work them out again from what is stored; how many dates."""
    for table in TABLES:
        mine = (table.organisation_id == current_organisation(), table.client_id == client_id)
        db.session.execute(delete(table).where(*mine))
    return refresh(client_id, now=now, since=date.min)


def _hold(client_id: UUID) -> str | None:
    """Let one transaction at a time work on a client, and read their time zone."""
    return db.session.scalar(
        select(Client.timezone)
        .where(
            Client.organisation_id == current_organisation(),
            Client.id == client_id,
            Client.archived_at.is_(None),
        )
        .with_for_update(key_share=True)
    )


def _mark(client_id: UUID) -> _Mark | None:
    found = db.session.execute(
        select(StaleDays.since, StaleDays.changes).where(
            StaleDays.organisation_id == current_organisation(), StaleDays.client_id == client_id
        )
    ).one_or_none()
    return _Mark(*found) if found else None


def _behind(client_id: UUID, here: date) -> date | None:
    """Say from which date on rows are missing or made by another formula; None when none are."""
    oldest, newest, old_formula = db.session.execute(
        select(
            func.min(Insight.date),
            func.max(Insight.date),
            func.bool_or(Insight.formula_version != FORMULA_VERSION),
        ).where(Insight.organisation_id == current_organisation(), Insight.client_id == client_id)
    ).one()
    if old_formula:
        return oldest
    return newest + A_DAY if newest and newest < here else None


def _work_out(client_id: UUID, since: date, here: date) -> int:
    """Write a row for each date from `since`, or from the first kept one of which we know."""
    kept_from = here - A_DAY * (KEPT_DAYS - 1)
    first = max(since, kept_from)
    life = knowing.life(client_id, first=first - A_DAY * LOOKS_BACK_DAYS, until=here)
    if first == kept_from:
        first = max(first, life.first or here)
        kept_from = first
    dates = [first + A_DAY * step for step in range((here - first).days + 1)]
    _write(client_id, life, dates)
    for table in TABLES:
        _drop_but(table, client_id, kept_from, here)
    return len(dates)


def _write(client_id: UUID, life: Life, dates: Sequence[date]) -> None:
    """Write what differs from what is stored."""
    over = formulas.over(life)
    whose = {"organisation_id": str(current_organisation()), "client_id": str(client_id)}
    for table, columns in (
        (Insight, judging.figures),
        (BurnoutScore, judging.strain_signals),
    ):
        rows: list[Row] = [
            {**whose, "date": day.isoformat(), **columns(life, over, day)} for day in dates
        ]
        upsert_changed(db.session(), table.__tablename__, rows, key=KEY)


def _drop_but(
    table: type[Insight] | type[BurnoutScore], client_id: UUID, first: date, last: date
) -> None:
    db.session.execute(
        delete(table).where(
            table.organisation_id == current_organisation(),
            table.client_id == client_id,
            ~table.date.between(first, last),
        )
    )


def _take_away(client_id: UUID, mark: _Mark | None) -> None:
    """Take the mark away, unless something has changed since it was read."""
    if mark is not None:
        db.session.execute(
            delete(StaleDays).where(
                StaleDays.organisation_id == current_organisation(),
                StaleDays.client_id == client_id,
                StaleDays.changes == mark.changes,
            )
        )
