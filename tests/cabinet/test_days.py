from datetime import UTC, date, datetime

import pytest
from flask import Flask

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog, DayChange
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic

DAY = "2026-05-14"


def _log(app: Flask, cast: Cast) -> DailyLog | None:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        found = db.session.scalar(
            db.select(DailyLog).where(
                DailyLog.client_id == cast.bea.client_id, DailyLog.date == date.fromisoformat(DAY)
            )
        )
        db.session.expunge_all()
        db.session.remove()
    return found


def test_a_typed_value_needs_no_further_choice(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form(f"/cabinet/days/{DAY}", {"version": "0", "hrv": "61,5"})
    log = _log(app, cast)
    assert log
    assert (log.hrv, log.source, log.sources) == (61.5, "manual", {"hrv": "manual"})
    assert "61.5" in client.get(f"/cabinet/days/{DAY}").text or "62" in client.get(DAY).text


def test_empty_on_purpose_is_a_value_of_its_own(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form(f"/cabinet/days/{DAY}", {"version": "0", "hrv.do": "empty"})
    log = _log(app, cast)
    assert log
    assert (log.hrv, log.sources) == (None, {"hrv": "manual"})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("recovery_score", "101", "between 0 and 100"),
        ("strain", "-1", "between 0 and 21"),
        ("hrv", "fast", "Type a number"),
        ("hrv", "nan", "between 1 and 400"),
        ("mood", "3.5", "between 1 and 10"),
    ],
)
def test_an_impossible_value_is_refused_where_it_stands(
    app: Flask, cast: Cast, field: str, value: str, words: str
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    answer = client.post_form(f"/cabinet/days/{DAY}", {"version": "0", field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert _log(app, cast) is None


def test_fields_that_only_a_device_knows_cannot_be_typed(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    fields = {"version": "0", "deep_hours": "8", "source": "whoop", "organisation_id": "x"}
    client.post_form(f"/cabinet/days/{DAY}", fields)
    assert _log(app, cast) is None


def test_what_was_typed_is_written_into_the_history(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form(f"/cabinet/days/{DAY}", {"version": "0", "hrv": "60"})
    client.post_form(f"/cabinet/days/{DAY}", {"version": "1", "hrv": "65"})
    with app.app_context(), acting_for(cast.bea.organisation_id):
        changes = [
            (each.old, each.new, each.changed_by)
            for each in db.session.scalars(
                db.select(DayChange)
                .where(DayChange.client_id == cast.bea.client_id)
                .order_by(DayChange.id)
            )
        ]
        db.session.remove()
    assert changes == [(None, "60", cast.bea.user_id), ("60", "65", cast.bea.user_id)]


@pytest.mark.parametrize("path", ["2026-13-01", "yesterday", "2026-05-14'--"])
def test_a_date_that_is_none_is_not_found(app: Flask, cast: Cast, path: str) -> None:
    assert Critic.of(app).sign_in(cast.bea).get(f"/cabinet/days/{path}").status_code == 404


def test_tomorrow_cannot_be_typed(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    far = datetime.now(UTC).date().replace(year=datetime.now(UTC).year + 1).isoformat()
    answer = client.post_form(f"/cabinet/days/{far}", {"version": "0", "hrv": "60"})
    assert answer.status_code == 404
