"""Work on insights is made when days change, when the day turns, and when somebody was left."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from coach.database.tenancy import acting_for
from coach.days.staleness import INSIGHTS, mark
from coach.extensions import db
from coach.insights import refresh, rolling
from coach.insights.rolling import SERIES, ask_where_due
from coach.work import clock
from coach.work.models import Lane, Work
from coach.work.perform import perform
from tests.cast import Cast, Somebody
from tests.insights.conftest import Client
from tests.insights.lives import NOON, TODAY, ago

LATER = NOON + timedelta(minutes=1)


@contextmanager
def inside(app: Flask, who: Somebody, now: datetime = NOON) -> Iterator[Client]:
    """Act for somebody at a moment, and commit."""
    with app.app_context(), acting_for(who.organisation_id), clock.stopped_at(now):
        yield Client(who)
        db.session.commit()
        db.session.remove()


def works(app: Flask, who: Somebody) -> list[Work]:
    with app.app_context():
        mine = db.select(Work).where(Work.organisation_id == who.organisation_id)
        found = list(db.session.scalars(mine.order_by(Work.id)))
        db.session.expunge_all()
        db.session.remove()
    return found


def do_due(app: Flask, who: Somebody, now: datetime = LATER, kind: str = INSIGHTS.name) -> None:
    due = [work for work in works(app, who) if work.state == "waiting" and work.kind == kind]
    with app.app_context(), clock.stopped_at(now):
        for work in due:
            perform(str(work.id))


def sweep(app: Flask, now: datetime) -> None:
    with app.app_context(), clock.stopped_at(now):
        ask_where_due(now=now)
        db.session.remove()


def dates(app: Flask, who: Somebody) -> list[date]:
    with inside(app, who) as client:
        return sorted(client.insights())


def test_a_change_asks_for_one_piece_of_work_a_few_seconds_later(app: Flask, cast: Cast) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
        mark(client.id, TODAY)
    (work,) = works(app, cast.bea)
    assert (work.kind, work.subject_id, work.lane) == ("insights", cast.bea.client_id, "reconcile")
    assert timedelta() < work.due_at - NOON < timedelta(seconds=10)


def test_the_work_takes_the_mark_away_and_who_changes_later_asks_anew(
    app: Flask, cast: Cast
) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
    do_due(app, cast.bea)
    assert len(dates(app, cast.bea)) == 100
    with inside(app, cast.bea) as client:
        assert client.mark() is None
        mark(client.id, TODAY)
    assert [work.state for work in works(app, cast.bea)] == ["done", "waiting"]


def test_after_midnight_everybody_gets_their_new_day_once(app: Flask, cast: Cast) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
    do_due(app, cast.bea)
    midnight = datetime.combine(TODAY, NOON.timetz()) + timedelta(hours=10)  # in Berlin
    sweep(app, midnight - timedelta(minutes=1))
    assert len(works(app, cast.bea)) == 1
    sweep(app, midnight)
    sweep(app, midnight + timedelta(minutes=1))
    assert [work.lane for work in works(app, cast.bea)] == [Lane.RECONCILE, Lane.BACKFILL]
    do_due(app, cast.bea, midnight + timedelta(minutes=2))
    assert dates(app, cast.bea)[-1] == TODAY + timedelta(days=1)
    sweep(app, midnight + timedelta(minutes=3))
    assert len(works(app, cast.bea)) == 2


def test_nobody_of_whom_nothing_is_known_makes_work(app: Flask, cast: Cast) -> None:
    sweep(app, NOON)
    assert works(app, cast.bea) == []


def test_who_was_left_stale_without_work_is_picked_up(app: Flask, cast: Cast) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
        db.session.execute(db.delete(Work).where(Work.subject_id == cast.bea.client_id))
    sweep(app, NOON)
    do_due(app, cast.bea)
    assert len(dates(app, cast.bea)) == 100


def test_work_that_failed_a_short_while_ago_is_not_asked_for_each_minute(
    app: Flask, cast: Cast
) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
    with inside(app, cast.bea):
        mine = db.update(Work).where(Work.subject_id == cast.bea.client_id)
        db.session.execute(mine.values(state="failed", finished_at=NOON))
    sweep(app, NOON + timedelta(hours=5))
    assert len(works(app, cast.bea)) == 1
    sweep(app, NOON + timedelta(hours=7))
    assert len(works(app, cast.bea)) == 2


def test_another_formula_asks_for_everybody(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(app, cast.bea) as client:
        client.lives()
    do_due(app, cast.bea)
    monkeypatch.setattr(rolling, "FORMULA_VERSION", 0)
    sweep(app, NOON)
    assert [work.state for work in works(app, cast.bea)] == ["done", "waiting"]


def test_where_much_waits_one_job_does_it_in_a_row_and_one_failure_is_only_its_own(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "SERIES_FROM", 2)
    for who in (cast.bea, cast.carl):
        with inside(app, who) as client:
            client.lives()
    works_out = refresh.refresh

    def fails_for_bea(client_id: object, **named: object) -> int:
        if client_id == cast.bea.client_id:
            raise ZeroDivisionError
        return works_out(client_id, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(refresh, "refresh", fails_for_bea)
    sweep(app, LATER)
    do_due(app, cast.bea, LATER, SERIES.name)
    states = {work.subject_id: (work.kind, work.state) for work in works(app, cast.bea)}
    assert states == {
        cast.bea.client_id: ("insights", "waiting"),
        cast.carl.client_id: ("insights", "done"),
        cast.bea.organisation_id: ("insights_series", "done"),
    }
    assert dates(app, cast.carl)[0] == ago(99)
