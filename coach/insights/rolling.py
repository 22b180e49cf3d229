"""Who is out of date though nothing has asked for it: their day has turned, or a formula is new.

The walls of one organisation are passed after those of the other. Work that failed a short while
ago is not asked for again at once: it would fail each minute.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, select, text, true

from coach.accounts.models import Client
from coach.accounts.organisations import every_organisation
from coach.database.tenancy import act_for, act_for_nobody
from coach.days.calendar import today
from coach.days.models import StaleDays
from coach.days.staleness import INSIGHTS
from coach.extensions import db
from coach.insights.formulas import FORMULA_VERSION
from coach.insights.models import Insight
from coach.work import clock
from coach.work.asking import Kind, ask, ask_of_many
from coach.work.models import OPEN_STATES, Lane, Queue, Work, WorkState

SERIES = Kind("insights_series", Queue.INSIGHTS)
# From so many on, the pieces of one organisation are done one after the other by one job.
SERIES_FROM = 5
FAILED_WITHIN = timedelta(hours=6)
# No clock on earth is further ahead.
FURTHEST_EAST = timedelta(hours=14)


def ask_where_due(*, now: datetime) -> int:
    """Ask for the insights of everybody who is out of date; how many they are."""
    asked = 0
    for organisation_id in every_organisation():
        act_for(organisation_id, user_id=None, session=db.session())
        outdated = _outdated(organisation_id, now)
        ask_of_many(
            INSIGHTS, organisation_id=organisation_id, subject_ids=outdated, lane=Lane.BACKFILL
        )
        db.session.commit()
        asked += len(outdated)
    act_for_nobody()
    _ask_for_series()
    return asked


def waiting(organisation_id: UUID, *, most: int) -> list[UUID]:
    """List the oldest work on insights of an organisation that is due and waits."""
    return list(
        db.session.scalars(
            select(Work.id)
            .where(*_DUE, Work.due_at <= clock.moment(), Work.organisation_id == organisation_id)
            .order_by(Work.due_at)
            .limit(most)
        )
    )


def _outdated(organisation_id: UUID, now: datetime) -> list[UUID]:
    """Find who is stale, or whose newest row is of another day or formula, and nobody is on it."""
    newest = (
        select(Insight.date, Insight.formula_version)
        .where(Insight.organisation_id == Client.organisation_id, Insight.client_id == Client.id)
        .order_by(Insight.date.desc())
        .limit(1)
        .lateral()
    )
    stale = and_(
        StaleDays.organisation_id == Client.organisation_id, StaleDays.client_id == Client.id
    )
    by_itself = or_(StaleDays.since.is_not(None), newest.c.formula_version != FORMULA_VERSION)
    rows = db.session.execute(
        select(Client.id, Client.timezone, newest.c.date, func.coalesce(by_itself, False))
        .join(StaleDays, stale, isouter=True)
        .join(newest, true(), isouter=True)
        .where(
            Client.organisation_id == organisation_id,
            Client.archived_at.is_(None),
            or_(by_itself, newest.c.date < (now + FURTHEST_EAST).date()),
            ~_some_work(text(OPEN_STATES)),
            ~_some_work(Work.state == WorkState.FAILED, Work.finished_at > now - FAILED_WITHIN),
        )
    )
    # Which day it is for a client is told by our own calendar, not by the database's.
    return [
        client_id for client_id, timezone, day, asked in rows if asked or day < today(now, timezone)
    ]


def _some_work(*states: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    """Tell of the client of the query around whether there is such work on their insights."""
    mine = (Work.kind == INSIGHTS.name, Work.subject_id == Client.id)
    return select(Work.id).where(*mine, *states).exists()


def _ask_for_series() -> None:
    """Where many pieces of one organisation wait, let one job do them one after the other."""
    many = db.session.scalars(
        select(Work.organisation_id)
        .where(*_DUE, Work.due_at <= clock.moment())
        .group_by(Work.organisation_id)
        .having(func.count() >= SERIES_FROM)
    )
    for organisation_id in many.all():
        if organisation_id is not None:
            ask(SERIES, organisation_id=organisation_id, subject_id=organisation_id)
    db.session.commit()


_DUE = (Work.kind == INSIGHTS.name, Work.state == WorkState.WAITING)
