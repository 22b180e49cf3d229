"""A history that comes in pieces: its fixtures, the next piece of somebody's, and what has come."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

import pytest
from flask import Flask

from coach.app import create_app
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import Integration, WhoopRecord
from coach.whoop.sync import history
from coach.whoop.sync.history import HISTORY, History
from coach.work.models import Work
from coach.work.perform import perform
from config import Settings
from tests.cast import Somebody
from tests.conftest import close
from tests.critic import Critic
from tests.whoop.conftest import Linker, SimulatedWhoop

DAYS = 120
OURS = {"organisation_id", "client_id", "created_at", "updated_at", "version"}

Days: TypeAlias = dict[date, dict[str, object]]
Records: TypeAlias = dict[tuple[str, str], object]
ReadAtOnce: TypeAlias = Callable[[Somebody, str], tuple[Records, Days]]


@pytest.fixture(scope="module")
def linked_app(settings: Settings, whoop: SimulatedWhoop) -> Iterator[Flask]:
    """The application as it is, but for WHOOP's addresses and a history of some months."""
    changes = {
        "whoop_api_base_url": f"{whoop.origin}/developer",
        "whoop_oauth_base_url": f"{whoop.origin}/oauth/oauth2",
        "whoop_backfill_days": DAYS,
    }
    made = create_app(settings.model_copy(update=changes))
    yield made
    close(made)


@pytest.fixture(scope="module")
def read_at_once(settings: Settings, whoop: SimulatedWhoop) -> Iterator[ReadAtOnce]:
    """Read a member's whole history in one first sync, which is what bit by bit must come to."""
    changes = {
        "whoop_api_base_url": f"{whoop.origin}/developer",
        "whoop_oauth_base_url": f"{whoop.origin}/oauth/oauth2",
        "whoop_first_sync_days": DAYS,
    }
    app = create_app(settings.model_copy(update=changes))

    def read(who: Somebody, member: str) -> tuple[Records, Days]:
        link_and_sync(Linker(app, whoop), who, member)
        return records_of(app, who), days_of(app, who)

    yield read
    close(app)


def history_work(app: Flask, who: Somebody) -> Work | None:
    with app.app_context(), acting_for(who.organisation_id):
        mine = db.select(Integration.id).where(Integration.client_id == who.client_id)
        return db.session.scalar(
            db.select(Work).where(
                Work.kind == HISTORY.name,
                Work.subject_id.in_(mine),
                Work.state.in_(["waiting", "running"]),
            )
        )


def one_piece(app: Flask, who: Somebody) -> bool:
    """Do the next piece of somebody's history; False when there is none."""
    work = history_work(app, who)
    if work is None:
        return False
    with app.app_context():
        db.session.execute(
            db.update(Work).where(Work.id == work.id).values(due_at=db.func.now(), state="waiting")
        )
        db.session.commit()
        perform(str(work.id))
    return True


def read_all(app: Flask, who: Somebody) -> None:
    while one_piece(app, who):
        pass


def days_of(app: Flask, who: Somebody) -> Days:
    names = [each.name for each in DailyLog.__table__.columns if each.name not in OURS]
    with app.app_context(), acting_for(who.organisation_id):
        rows = db.session.scalars(db.select(DailyLog).where(DailyLog.client_id == who.client_id))
        return {row.date: {name: getattr(row, name) for name in names} for row in rows}


def records_of(app: Flask, who: Somebody) -> Records:
    with app.app_context(), acting_for(who.organisation_id):
        rows = db.session.execute(
            db.select(WhoopRecord.kind, WhoopRecord.provider_id, WhoopRecord.raw).where(
                WhoopRecord.client_id == who.client_id
            )
        )
        return {(kind, provider_id): raw for kind, provider_id, raw in rows}


def state_of(app: Flask, who: Somebody) -> History:
    with app.app_context(), acting_for(who.organisation_id):
        stored = db.session.execute(
            db.select(Integration.history).where(Integration.client_id == who.client_id)
        ).scalar_one()
        found = history.parse(stored)
        assert found
        return found


def link_and_sync(linker: Linker, who: Somebody, member: str) -> Critic:
    browser = linker.link(who, member)
    linker.work(who.organisation_id)
    return browser
