"""One sync in the foreground, at a time of the test's own."""

from datetime import datetime

from flask import Flask

from coach.database.tenancy import acting_for
from coach.database.writes import Writes
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.models import Integration
from coach.whoop.sync import fencing, reading, runs
from coach.work.leases import unit_of_work
from tests.cast import Somebody


def sync_at(app: Flask, who: Somebody, now: datetime) -> None:
    run_id = new_id()
    with app.app_context(), acting_for(who.organisation_id):
        with unit_of_work():
            mine = db.select(Integration.id).where(Integration.client_id == who.client_id)
            link = fencing.load(db.session.execute(mine).scalar_one(), who.organisation_id)
            writes = Writes()
            runs.begin(link, run_id, writes, work_id=None, trigger="link")
            link = reading.begin(link, writes, now=now)
            writes.send(db.session())
        reading.catch_up(link, run_id, now=now)
