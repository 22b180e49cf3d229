"""What is known of syncs goes after a year, but for the newest of each link."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import SyncRun
from coach.whoop.sync import runs
from coach.work.leases import now
from tests.cast import Cast
from tests.whoop.conftest import Linker
from tests.whoop.syncing import sync_at


def left(app: Flask, cast: Cast) -> int:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        return db.session.scalar(select(func.count()).select_from(SyncRun)) or 0


def test_syncs_of_a_year_ago_are_forgotten_and_the_newest_stays(
    linked_app: Flask, linker: Linker, cast: Cast
) -> None:
    linker.link(cast.bea, "mara")
    with linked_app.app_context():
        moment = now()
    for _ in range(3):
        sync_at(linked_app, cast.bea, moment)
    before = left(linked_app, cast)
    assert before >= 3
    with linked_app.app_context():
        runs.forget_old(now=moment + timedelta(days=364))
    assert left(linked_app, cast) == before
    with linked_app.app_context():
        runs.forget_old(now=moment + timedelta(days=366))
    assert left(linked_app, cast) == 1
