"""Devices and people who write the same days at the same moment."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from threading import Barrier, Thread
from time import sleep
from uuid import UUID

import pytest
from flask import Flask

from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.editing import Conflict, FieldEdit, Stale, type_field, type_values
from coach.days.merge import Reading, merge
from coach.days.metrics import Source, Value
from coach.days.models import DailyLog, DayChange
from coach.extensions import db
from tests.cast import Cast

FIRST = date(2026, 1, 1)
API = Reading(Source.WHOOP, {"hrv": 61.84, "strain": 11.2, "sleep_hours": 7.25})
EXPORT = Reading(Source.EXPORT, {"hrv": 62.0, "strain": 11.0, "sleep_consistency": 80.0})
TYPED: dict[str, Value] = {"hrv": 70.0, "mood": 7}

Write = Callable[[UUID, date], object]
Field = tuple[date, str]


@pytest.mark.parametrize("races", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_what_is_typed_wins_every_race_of_four_and_nobody_loses_a_field(
    app: Flask, cast: Cast, races: int
) -> None:
    assert cast.bea.client_id
    days = [FIRST + timedelta(days=each) for each in range(races)]
    writers: list[Write] = [
        lambda client_id, day: store.record(client_id, Source.WHOOP, {day: API}),
        lambda client_id, day: store.record(client_id, Source.EXPORT, {day: EXPORT}),
        *(_typist(name, value, cast.bea.user_id) for name, value in TYPED.items()),
    ]
    failures = _race(app, cast.bea.organisation_id, cast.bea.client_id, writers, days)
    assert failures == []
    expected = merge([API, EXPORT, Reading(Source.MANUAL, TYPED)])
    with app.app_context(), acting_for(cast.bea.organisation_id):
        rows = db.session.scalars(
            db.select(DailyLog).where(DailyLog.client_id == cast.bea.client_id)
        ).all()
        assert [row.date for row in sorted(rows, key=lambda row: row.date)] == days
        for row in rows:
            assert {name: getattr(row, name) for name in expected.values} == expected.values
            assert row.sources == expected.sources


@pytest.mark.parametrize(
    "races", [60, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_a_typed_field_beats_the_sync_that_writes_the_same_day(
    app: Flask, cast: Cast, races: int
) -> None:
    assert cast.bea.client_id
    organisation_id, client_id, by = cast.bea.organisation_id, cast.bea.client_id, cast.bea.user_id
    days = [FIRST - timedelta(days=each) for each in range(races)]
    pauses = Random(races)  # noqa: S311  who comes first is left to chance, and to this seed
    late = {day: pauses.choice((0.0, 0.0, 0.002)) for day in days}

    def sync(client_id: UUID, day: date) -> None:
        sleep(0.002 - late[day])
        store.record(client_id, Source.WHOOP, {day: API})

    def edit(client_id: UUID, day: date) -> None:
        sleep(late[day])
        type_field(client_id, day, FieldEdit("hrv", 70.0, "untyped"), by=by)

    assert _race(app, organisation_id, client_id, [sync, edit], days) == []
    with app.app_context(), acting_for(organisation_id):
        rows = db.session.execute(
            db.select(DailyLog.hrv, DailyLog.strain, DailyLog.sleep_hours)
        ).all()
        assert set(rows) == {(70.0, 11.2, 7.25)}
        assert len(rows) == races
        changes = db.session.execute(
            db.select(DayChange.date, DayChange.new, DayChange.changed_by).where(
                DayChange.field == "hrv", DayChange.source == Source.MANUAL
            )
        ).all()
        assert sorted(changes) == [(day, "70", by) for day in sorted(days)]
        assert _broken_histories() == []


def test_of_two_who_type_into_one_field_one_wins_and_the_other_is_told(
    app: Flask, cast: Cast
) -> None:
    assert cast.bea.client_id
    days = [FIRST + timedelta(days=each) for each in range(60)]
    typed = {cast.bea.user_id: 70.0, cast.ann.user_id: 55.0}

    def typist(by: UUID) -> Write:
        return lambda client_id, day: type_field(
            client_id, day, FieldEdit("hrv", typed[by], "untyped"), by=by
        )

    told = _race(
        app, cast.bea.organisation_id, cast.bea.client_id, [typist(by) for by in typed], days
    )
    assert told == [repr(Conflict())] * len(days)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        shown = dict(db.session.execute(db.select(DailyLog.date, DailyLog.hrv)).all())
        changes = db.session.scalars(db.select(DayChange).order_by(DayChange.date)).all()
        assert [change.date for change in changes] == days
        assert all(shown[it.date] == typed[it.changed_by] for it in changes if it.changed_by)
        db.session.remove()


def _broken_histories() -> list[Field]:
    """List the fields whose changes are no chain to what is shown.

    It begins with nothing, or with the first word of a device, which is no change.
    """
    firsts = {"hrv": "61.84", "strain": "11.2", "sleep_hours": "7.25"}
    shown = {"hrv": "70", "strain": "11.2", "sleep_hours": "7.25"}
    olds: dict[Field, Counter[str | None]] = defaultdict(Counter)
    news: dict[Field, Counter[str | None]] = defaultdict(Counter)
    chosen = db.select(DayChange.date, DayChange.field, DayChange.old, DayChange.new)
    for day, field, old, new in db.session.execute(chosen):
        olds[day, field][old] += 1
        news[day, field][new] += 1
    return [
        (day, field)
        for day, field in olds
        if news[day, field] - olds[day, field] != Counter([shown[field]])
        or not set(olds[day, field] - news[day, field]) <= {None, firsts[field]}
    ]


def _typist(name: str, value: Value, by: UUID) -> Write:
    """Type one field; whoever comes second looks again and types once more, as a person would."""

    def write(client_id: UUID, day: date) -> None:
        version = 0
        while True:
            try:
                type_values(client_id, day, {name: value}, by=by, version=version)
            except Stale as stale:
                db.session.rollback()
                version = stale.newest
            else:
                return

    return write


def _race(
    app: Flask,
    organisation_id: UUID,
    client_id: UUID,
    writers: list[Write],
    days: Sequence[date],
) -> list[str]:
    """Let all writers start on each day at once; returns what went wrong."""
    failures: list[str] = []
    start = Barrier(len(writers))

    def run(write: Write) -> None:
        with app.app_context(), acting_for(organisation_id):
            for day in days:
                start.wait(timeout=60)
                try:
                    write(client_id, day)
                    db.session.commit()
                except Exception as error:  # noqa: BLE001  a thread's failure must reach the test
                    failures.append(repr(error))
                finally:
                    db.session.remove()

    threads = [Thread(target=run, args=(write,)) for write in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
