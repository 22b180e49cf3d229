"""A coach enters or corrects a day of a client: who may, what stands, and who is told."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from coach.accounts.models import AuditEntry, FieldGroup
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.days.models import DailyLog
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic

DAY = date(2026, 5, 14)


@pytest.fixture
def day(app: Flask, cast: Cast) -> str:
    """Bea has a day by WHOOP and shares recovery and sleep."""
    assert cast.bea.client_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        said = {DAY: Reading(Source.WHOOP, {"hrv": 50.0, "sleep_hours": 7.0, "strain": 12.5})}
        store.record(cast.bea.client_id, Source.WHOOP, said)
        db.session.commit()
        db.session.remove()
    shared = [FieldGroup.RECOVERY.value, FieldGroup.SLEEP.value]
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {"share": shared})
    return f"/dashboard/clients/{cast.bea.client_id}/days/{DAY}"


def _log(app: Flask, cast: Cast) -> DailyLog:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        found = db.session.scalars(
            db.select(DailyLog).where(
                DailyLog.client_id == cast.bea.client_id, DailyLog.date == DAY
            )
        ).one()
        db.session.expunge_all()
        db.session.remove()
    return found


def test_what_the_coach_types_stands_and_no_sync_changes_it(
    app: Flask, cast: Cast, day: str
) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    assert coach.type_value(day, "hrv", "61").status_code == 303
    assert cast.bea.client_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        said = {DAY: Reading(Source.WHOOP, {"hrv": 55.0, "sleep_hours": 7.2, "strain": 12.5})}
        store.record(cast.bea.client_id, Source.WHOOP, said)
        db.session.commit()
        db.session.remove()
    log = _log(app, cast)
    assert (log.hrv, log.sources["hrv"]) == (61, "manual")
    assert (log.sleep_hours, log.sources["sleep_hours"]) == (7.2, "whoop")


def test_the_client_sees_that_it_was_the_coach_and_takes_it_back(
    app: Flask, cast: Cast, day: str
) -> None:
    Critic.of(app).sign_in(cast.ann).type_value(day, "hrv", "61")
    client = Critic.of(app).sign_in(cast.bea)
    own_day = f"/cabinet/days/{DAY}"
    text = client.get(own_day).text
    assert "coach Ann, " in text
    assert "says 50" in text
    assert "Undo what coach Ann typed" in text
    client.type_value(own_day, "hrv", do="undo")
    log = _log(app, cast)
    assert (log.hrv, log.sources["hrv"]) == (50, "whoop")
    assert "coach Ann" not in client.get(own_day).text


def test_the_clients_own_word_is_not_called_the_coachs(app: Flask, cast: Cast, day: str) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.type_value(f"/cabinet/days/{DAY}", "hrv", "58")
    assert "you, " in client.get(f"/cabinet/days/{DAY}").text
    text = Critic.of(app).sign_in(cast.ann).get(day).text
    assert re.search(r"Bea, \d\d:\d\d", text)
    assert "you, " not in text


def test_undoing_what_the_coach_typed_brings_the_clients_own_word_back(
    app: Flask, cast: Cast, day: str
) -> None:
    client, own_day = Critic.of(app).sign_in(cast.bea), f"/cabinet/days/{DAY}"
    coach = Critic.of(app).sign_in(cast.ann)
    client.type_value(own_day, "hrv", "58")
    for value in ("61", "64"):
        coach.type_value(day, "hrv", value)
    client.type_value(own_day, "hrv", do="undo")
    log = _log(app, cast)
    assert (log.hrv, log.sources["hrv"]) == (58, "manual")
    client.type_value(own_day, "hrv", do="empty")
    coach.type_value(day, "hrv", "64")
    client.type_value(own_day, "hrv", do="undo")
    log = _log(app, cast)
    assert (log.hrv, log.sources["hrv"]) == (None, "manual")


def test_of_two_who_type_into_a_field_the_second_is_shown_both_values(
    app: Flask, cast: Cast, day: str
) -> None:
    first, second = (Critic.of(app).sign_in(cast.ann) for _ in range(2))
    typed = {"do": "set", "value": "61", "seen": "untyped"}
    assert first.post_form(f"{day}/fields/hrv", typed).status_code == 303
    answer = second.post_form(f"{day}/fields/hrv", {**typed, "value": "72"})
    assert answer.status_code == 409
    assert "While you typed 72, " in answer.text
    assert "61\N{NO-BREAK SPACE}ms" in answer.text
    assert 'value="72"' in answer.text
    assert _log(app, cast).hrv == 61
    newest = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert newest
    again = {"do": "set", "value": "72", "seen": newest[1]}
    assert second.post_form(f"{day}/fields/hrv", again).status_code == 303
    assert _log(app, cast).hrv == 72


def test_two_who_type_into_different_fields_are_in_nobodys_way(
    app: Flask, cast: Cast, day: str
) -> None:
    typed = {"do": "set", "seen": "untyped"}
    client, coach = Critic.of(app).sign_in(cast.bea), Critic.of(app).sign_in(cast.ann)
    client.post_form(f"/cabinet/days/{DAY}/fields/hrv", {**typed, "value": "58"})
    there = coach.post_form(f"{day}/fields/sleep_hours", {**typed, "value": "6"})
    assert there.status_code == 303
    log = _log(app, cast)
    assert (log.hrv, log.sleep_hours) == (58, 6)


def test_only_shared_groups_are_shown_and_taken(app: Flask, cast: Cast, day: str) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    text = coach.get(day).text
    assert 'id="field-hrv"' in text
    assert 'id="field-strain"' not in text
    assert "12.5" not in text
    assert "Not shared with you:" in text
    for name in ("strain", "mood", "notes"):
        for answer in (
            coach.get(f"{day}/fields/{name}"),
            coach.post_form(f"{day}/fields/{name}", {"do": "set", "value": "3"}),
        ):
            assert answer.status_code == 404
    log = _log(app, cast)
    assert (log.hrv, log.strain, log.mood, log.notes) == (50, 12.5, None, None)


def test_an_impossible_value_is_refused_where_it_stands(app: Flask, cast: Cast, day: str) -> None:
    answer = Critic.of(app).sign_in(cast.ann).type_value(day, "hrv", "4000")
    assert answer.status_code == 422
    assert "between 1 and 400" in answer.text
    assert _log(app, cast).hrv == 50


def test_a_correction_is_in_the_audit_by_names_of_fields_only(
    app: Flask, cast: Cast, day: str
) -> None:
    Critic.of(app).sign_in(cast.ann).type_value(day, "hrv", "61")
    with app.app_context(), acting_for(cast.bea.organisation_id):
        entry = db.session.scalars(
            db.select(AuditEntry).where(AuditEntry.action == "day_corrected")
        ).one()
        said = (entry.actor_id, entry.subject_id, entry.details)
        db.session.remove()
    assert said == (cast.ann.user_id, cast.bea.client_id, {"fields": ["hrv"]})


def test_no_day_to_come_and_nobody_elses_can_be_opened(app: Flask, cast: Cast, day: str) -> None:
    to_come = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    coach = Critic.of(app).sign_in(cast.ann)
    assert coach.get(day.replace(DAY.isoformat(), to_come)).status_code == 404
    assert coach.get(day.replace(DAY.isoformat(), "2026-02-30")).status_code == 404
    for who in (cast.carla, cast.olga, cast.yan, cast.zoe):
        assert Critic.of(app).sign_in(who).get(day).status_code == 404
