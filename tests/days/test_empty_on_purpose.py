"""A value that a person emptied stays empty until they believe the device again (R-62)."""

from datetime import date
from uuid import UUID

from flask import Flask

from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.editing import USE_DEVICE, Edit, FieldEdit, mark, type_field
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.days.models import DailyLog
from coach.extensions import db
from tests.cast import Cast

DAY = date(2026, 5, 14)
SYNCS = 10


def test_it_stays_empty_through_ten_syncs_and_then_shows_the_newest_value(
    app: Flask, cast: Cast
) -> None:
    assert cast.bea.client_id
    client_id, by = cast.bea.client_id, cast.bea.user_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        _sync(client_id, 0)
        _type(client_id, None, mark({}, "hrv"), by=by)
        for number in range(1, SYNCS + 1):
            _sync(client_id, number)
            assert _shown() == (None, "manual", 40.0 + number)
        _type(client_id, USE_DEVICE, mark({"hrv": None}, "hrv"), by=by)
        assert _shown() == (50.0 + SYNCS, "whoop", 40.0 + SYNCS)
        db.session.remove()


def _sync(client_id: UUID, number: int) -> None:
    said = {"hrv": 50.0 + number, "resting_heart_rate": 40.0 + number}
    store.record(client_id, Source.WHOOP, {DAY: Reading(Source.WHOOP, said)})
    db.session.commit()


def _type(client_id: UUID, edit: Edit, seen: str, *, by: UUID) -> None:
    type_field(client_id, DAY, FieldEdit("hrv", edit, seen), by=by)
    db.session.commit()


def _shown() -> tuple[float | None, object, float | None]:
    log = db.session.scalars(db.select(DailyLog).execution_options(populate_existing=True)).one()
    return log.hrv, log.sources["hrv"], log.resting_heart_rate
