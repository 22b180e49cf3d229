"""An import whose worker was killed with `kill -9`, while reading and while applying."""

import pytest
from sqlalchemy import select

from coach.csv_import.jobs import APPLY
from coach.csv_import.models import Import, ImportRow
from coach.days.models import DailyLog
from coach.demo.visitor import Visitor
from coach.extensions import db
from coach.work.models import Work
from tests.cast import PASSWORD, Cast, Somebody
from tests.csv_import.uploader import archived
from tests.factories.exports import years
from tests.processes.conftest import base_url
from tests.processes.looking import seen_by
from tests.processes.stage import Stage, wait_until

TAKEN_UP_WITHIN = 60.0


def import_of(who: Somebody) -> Import:
    (found,) = seen_by(who, select(Import).where(Import.client_id == who.client_id))
    return found


def applying(who: Somebody) -> str | None:
    mine = (Work.subject_id == import_of(who).id, Work.kind == APPLY.name)
    return db.session.scalar(select(Work.state).where(*mine))


def rows_of(who: Somebody) -> list[tuple[str, str, object]]:
    rows = seen_by(who, select(ImportRow).where(ImportRow.client_id == who.client_id))
    return sorted((row.kind, row.key, row.parsed) for row in rows)


def days_of(who: Somebody) -> list[tuple[object, ...]]:
    names = ("date", "recovery_score", "hrv", "strain", "sleep_hours", "workout_count")
    logs = seen_by(who, select(DailyLog).order_by(DailyLog.date))
    return [tuple(getattr(log, name) for name in names) for log in logs]


@pytest.mark.slow
@pytest.mark.timeout(420)  # on a busy machine: each kill waits for the end of a lease
@pytest.mark.usefixtures("inside")
def test_an_import_whose_worker_was_killed_twice_ends_like_an_undisturbed_one(
    running: Stage, people: Cast
) -> None:
    life, calm, struck = archived(years.export(seed=3)), people.xenia, people.bea
    with Visitor(base_url(running), "") as visitor:
        visitor.sign_in(calm.email, PASSWORD)
        visitor.upload("export.zip", life)
    with Visitor(base_url(running), "") as visitor:
        visitor.sign_in(struck.email, PASSWORD)
        page = visitor.send_export("export.zip", life)
        wait_until(lambda: import_of(struck).rows_done > 0, what="the first rows")
        assert running.kill_workers("import")
        assert import_of(struck).state == "reading"
        wait_until(lambda: import_of(struck).state == "preview", TAKEN_UP_WITHIN)
        assert days_of(struck) == []
        visitor.apply_export(page)
        wait_until(lambda: applying(struck) == "running", what="the applying")
        assert running.kill_workers("import")
        assert days_of(struck) == []
        wait_until(lambda: applying(struck) == "done", TAKEN_UP_WITHIN)
    assert import_of(struck).state == "done"
    assert rows_of(struck) == rows_of(calm)
    assert days_of(struck) == days_of(calm)
    assert len(days_of(struck)) == 1_900
