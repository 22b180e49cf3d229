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
    client.post_form(f"/cabinet/days/{DAY}/fields/hrv", {"value": "61,5", "seen": "untyped"})
    log = _log(app, cast)
    assert log
    assert (log.hrv, log.source, log.sources) == (61.5, "manual", {"hrv": "manual"})
    assert "62\N{NO-BREAK SPACE}ms" in client.get(f"/cabinet/days/{DAY}").text


def test_empty_on_purpose_is_a_value_of_its_own(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.type_value(f"/cabinet/days/{DAY}", "hrv", do="empty")
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
        ("notes", " ", "Type a value"),
    ],
)
def test_an_impossible_value_is_refused_where_it_stands(
    app: Flask, cast: Cast, field: str, value: str, words: str
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    answer = client.type_value(f"/cabinet/days/{DAY}", field, value)
    assert answer.status_code == 422
    assert words in answer.text
    assert _log(app, cast) is None


def test_fields_that_only_a_device_knows_cannot_be_typed(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    for field in ("deep_hours", "source", "organisation_id"):
        typed = {"do": "set", "value": "8", "seen": "untyped"}
        answer = client.post_form(f"/cabinet/days/{DAY}/fields/{field}", typed)
        assert answer.status_code == 404
    assert _log(app, cast) is None


def test_what_was_typed_is_written_into_the_history(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    for value in ("60", "65"):
        client.type_value(f"/cabinet/days/{DAY}", "hrv", value)
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
    typed = {"do": "set", "value": "60", "seen": "untyped"}
    answer = client.post_form(f"/cabinet/days/{far}/fields/hrv", typed)
    assert answer.status_code == 404
