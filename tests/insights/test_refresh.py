"""Insights follow the days: what changes is worked out again, once, and ends in the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from coach.check_ins.models import DayTag, TagKind
from coach.check_ins.saying import end_tag
from coach.database.tenancy import acting_for
from coach.days import staleness
from coach.extensions import db
from coach.insights import formulas, knowing, refresh
from coach.insights.life import Life
from coach.insights.models import Insight
from coach.science.hrv import Position
from tests.cast import Cast, Somebody
from tests.insights.conftest import Client
from tests.insights.lives import NOON, STEADY, TODAY, Made, ago, steady


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_each_date_of_the_life_gets_a_row_and_the_mark_goes(bea: Client) -> None:
    bea.lives(Made({"hrv": steady("hrv", then=[45.0] * 7)}))
    assert bea.mark() == (ago(99), 1)
    assert bea.refresh() == 100
    rows = bea.insights()
    assert (min(rows), max(rows), len(rows)) == (ago(99), TODAY, 100)
    assert rows[TODAY].hrv_position == Position.BELOW
    assert rows[TODAY].hrv_week_ms == pytest.approx(45.0)
    assert rows[TODAY].signals[0]["name"] == "hrv_week"
    assert rows[ago(20)].hrv_position == Position.INSIDE
    assert bea.mark() is None


def test_older_dates_than_four_months_are_not_kept(bea: Client) -> None:
    bea.lives(Made({name: steady(name, 200) for name in STEADY}))
    assert bea.refresh() == 120
    assert min(bea.insights()) == ago(119)


def test_a_change_is_worked_out_from_its_date_on(bea: Client) -> None:
    bea.lives()
    bea.refresh()
    bea.hush(ago(3))
    assert bea.mark() == (ago(3), 1)
    assert bea.refresh() == 4


def test_two_changes_before_a_refresh_are_one_piece_of_work(bea: Client) -> None:
    bea.lives()
    bea.hush(ago(3))
    assert bea.mark() == (ago(99), 2)


def test_what_says_nothing_new_marks_nothing(bea: Client) -> None:
    bea.lives()
    bea.refresh()
    bea.lives()
    assert bea.mark() is None
    assert bea.refresh() == 0


def test_when_the_day_has_turned_the_new_one_is_worked_out(bea: Client) -> None:
    bea.lives()
    bea.refresh()
    assert bea.refresh(now=NOON + timedelta(days=2)) == 2
    assert max(bea.insights()) == TODAY + timedelta(days=2)


def test_the_day_is_the_clients_own(bea: Client) -> None:
    bea.lives()
    bea.refresh(now=NOON + timedelta(hours=10, minutes=30))  # past midnight in Berlin
    assert max(bea.insights()) == TODAY + timedelta(days=1)


def test_piece_by_piece_and_from_the_beginning_end_in_the_same_rows(bea: Client) -> None:
    made = Made(
        {"hrv": steady("hrv", 200, then=[45.0] * 30), "sleep_hours": steady("sleep_hours", 200)},
        doubtful={ago(12): ["hrv"]},
    )
    bea.lives(made)
    for days in (2, 1, 0):
        bea.refresh(now=NOON - timedelta(days=days))
    bea.hush(ago(40))
    bea.refresh()
    before = bea.stored()
    assert bea.rebuild() == 120
    assert bea.stored() == before


def test_rows_that_stay_the_same_are_not_written(bea: Client) -> None:
    bea.lives()
    bea.refresh()
    db.session.commit()
    staleness.mark(bea.id, ago(50))
    bea.refresh()
    written = db.select(Insight.date).where(Insight.updated_at == db.func.now())
    assert db.session.scalars(written).all() == []


def test_another_formula_makes_everything_stale(
    bea: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea.lives()
    bea.refresh()
    monkeypatch.setattr(refresh, "FORMULA_VERSION", formulas.FORMULA_VERSION + 1)
    assert bea.refresh() == 100


def test_a_hundred_dates_take_as_many_statements_as_one(bea: Client) -> None:
    bea.lives()
    with counted() as many:
        assert bea.refresh() == 100
    staleness.mark(bea.id, TODAY)
    with counted() as one:
        assert bea.refresh() == 1
    assert len(many) == len(one) <= 12


def test_tags_and_answers_mark_from_their_first_date(bea: Client) -> None:
    made = DayTag(
        organisation_id=bea.who.organisation_id,
        client_id=bea.id,
        kind=TagKind.ILL,
        first_date=ago(9),
    )
    db.session.add(made)
    db.session.flush()
    end_tag(made, ago(2))
    assert bea.mark() == (ago(9), 1)


def test_a_change_while_we_work_stays_marked(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = knowing.life

    def changed_meanwhile(client_id: UUID, *, first: date, until: date) -> Life:
        life = reads(client_id, first=first, until=until)
        _somebody_else_changes(cast.bea)
        return life

    with app.app_context(), acting_for(cast.bea.organisation_id):
        client = Client(cast.bea)
        client.lives()
        db.session.commit()
        with monkeypatch.context() as patched:
            patched.setattr(knowing, "life", changed_meanwhile)
            assert client.refresh() == 100
        db.session.commit()
        assert client.mark() == (ago(99), 2)
        client.refresh()
        assert client.mark() is None
        db.session.rollback()
        db.session.remove()


def _somebody_else_changes(who: Somebody) -> None:
    """Mark a client's days on a connection of its own, as if a day had changed."""
    here = db.text("SELECT set_config('app.organisation_id', :organisation, true)")
    change = db.text("UPDATE stale_days SET changes = changes + 1 WHERE client_id = :client")
    with db.engine.begin() as other:
        other.execute(here, {"organisation": str(who.organisation_id)})
        other.execute(change, {"client": who.client_id})
