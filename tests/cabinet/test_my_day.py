"""Today and one field at a time: what is shown, why it is not, and who typed what."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from coach.accounts.models import CoachClient
from coach.check_ins.models import DayTag, MoodRating
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.editing import FieldEdit, mark, type_field
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic

DAY = date(2026, 5, 14)
FIELD = f"/cabinet/days/{DAY}/fields/hrv"
WOKE = datetime(2026, 5, 14, 5, 30, tzinfo=UTC)


def _device_says(app: Flask, cast: Cast, day: date = DAY, **values: float | datetime) -> None:
    assert cast.bea.client_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        reading = Reading(Source.WHOOP, {"hrv": 61.0, **values}, provisional=True)
        store.record(cast.bea.client_id, Source.WHOOP, {day: reading})
        db.session.commit()
        db.session.remove()


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


def _seen(client: Critic) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(FIELD).text)
    assert found
    return found[1]


def test_a_field_is_typed_emptied_and_given_back_without_a_sync(app: Flask, cast: Cast) -> None:
    _device_says(app, cast)
    client = Critic.of(app).sign_in(cast.bea)
    typed = client.post_form(FIELD, {"do": "set", "value": "70", "seen": _seen(client)})
    assert typed.status_code == 303
    page = client.get(f"/cabinet/days/{DAY}").text
    assert re.search(r"you, \d\d:\d\d", page)
    assert re.search(r"WHOOP, \d\d:\d\d says 61\Wms", page)
    client.post_form(FIELD, {"do": "empty", "seen": _seen(client)})
    assert "empty on purpose" in client.get(FIELD).text
    client.post_form(FIELD, {"do": "device", "seen": _seen(client)})
    shown = client.get(FIELD).text
    assert re.search(r"61\Wms", shown)
    assert shown.count("→") == 3, "each step stands in the history"


def test_an_impossible_value_is_refused_beside_the_field(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    answer = client.post_form(FIELD, {"do": "set", "value": "900", "seen": "untyped"})
    assert answer.status_code == 422
    assert "between 1 and 400" in answer.text
    assert 'value="900"' in answer.text


def test_the_own_need_of_sleep_is_typed_like_any_other_value(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    path = f"/cabinet/days/{DAY}/fields/sleep_need_hours"
    typed = client.post_form(path, {"do": "set", "value": "8:30", "seen": "untyped"})
    assert typed.status_code == 303
    assert re.search(r"8\Wh\W30\Wmin", client.get(path).text)


def test_two_people_in_one_field_are_shown_both_values(app: Flask, cast: Cast) -> None:
    _device_says(app, cast)
    client = Critic.of(app).sign_in(cast.bea)
    seen = _seen(client)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert cast.bea.client_id
        type_field(cast.bea.client_id, DAY, FieldEdit("hrv", 55, seen), by=cast.ann.user_id)
        db.session.commit()
        db.session.remove()
    refused = client.post_form(FIELD, {"do": "set", "value": "70", "seen": seen})
    assert refused.status_code == 409
    assert re.search(r"While you typed 70, coach Ann, \d\d:\d\d changed this to 55", refused.text)
    again = re.search(r'name="seen" value="([^"]+)"', refused.text)
    assert again
    kept = client.post_form(FIELD, {"do": "set", "value": "70", "seen": again[1]})
    assert kept.status_code == 303


def test_news_of_the_device_and_other_fields_are_no_conflict(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    seen = _seen(client)
    _device_says(app, cast)
    client.post_form(f"/cabinet/days/{DAY}/fields/mood", {"do": "set", "value": "5", "seen": seen})
    assert client.post_form(FIELD, {"do": "set", "value": "70", "seen": seen}).status_code == 303


def test_a_mark_tells_empty_on_purpose_from_untyped() -> None:
    marks = {mark({}, "hrv"), mark({"hrv": None}, "hrv"), mark({"hrv": 61}, "hrv")}
    assert len(marks) == 3
    assert mark({"hrv": 61.0}, "hrv") == mark({"hrv": 61}, "hrv")


@pytest.mark.parametrize("field", ["deep_hours", "organisation_id", "sources"])
def test_only_what_may_be_typed_has_an_address(app: Flask, cast: Cast, field: str) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.get(f"/cabinet/days/{DAY}/fields/{field}").status_code == 404


def test_today_says_what_is_provisional_what_is_missing_and_which_day_it_is(
    app: Flask, cast: Cast
) -> None:
    here = _today()
    woke = datetime.combine(here, datetime.min.time(), UTC) + timedelta(hours=5)
    _device_says(app, cast, here, strain=4.2, sleep_ended_at=woke, sleep_offset_minutes=120)
    text = Critic.of(app).sign_in(cast.bea).get("/cabinet").text
    assert "provisional" in text
    assert "Strain so far" in text
    assert "No Recovery:" in text
    assert "because you woke up on" in text


def test_whoops_performance_does_not_stand_beside_hours_somebody_typed(
    app: Flask, cast: Cast
) -> None:
    here = _today()
    _device_says(app, cast, here, sleep_hours=8.6, sleep_quality=100.0)
    client = Critic.of(app).sign_in(cast.bea)
    assert "Performance 100%" in client.get("/cabinet").text
    path = f"/cabinet/days/{here}/fields/sleep_hours"
    client.post_form(path, {"do": "set", "value": "6:15", "seen": "untyped"})
    text = client.get("/cabinet").text
    assert "6:15" in text
    assert "Performance" not in text


def test_trends_only_hides_every_daily_score_until_it_is_switched_off(
    app: Flask, cast: Cast
) -> None:
    for back in range(4):
        _device_says(app, cast, _today() - timedelta(days=back), recovery_score=12.0)
    client = Critic.of(app).sign_in(cast.bea)
    assert "12%" in client.get("/cabinet").text
    client.post_form("/cabinet/trends-only", {"on": "1"})
    for page in ("/cabinet", "/cabinet/days"):
        assert "12%" not in client.get(page).text
    assert "mean of 4 days" in client.get("/cabinet").text
    client.post_form("/cabinet/trends-only")
    assert "12%" in client.get("/cabinet/days").text


def test_a_tag_is_one_tap_and_a_second_tap_says_nothing_new(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    for _ in range(2):
        answer = client.post_form("/cabinet/tags", {"kind": "ill", "back": "today"})
        assert answer.location == "/cabinet"
    page = client.get("/cabinet").text
    assert page.count("<strong>Ill</strong>") == 1
    found = re.search(r'action="(/cabinet/tags/[0-9a-f-]+/removal)"', page)
    assert found
    client.post_form(found[1], {"back": "today"})
    assert "<strong>Ill</strong>" not in client.get("/cabinet").text


def test_a_tag_said_again_with_a_later_end_goes_on_and_one_that_ends_today_asks_nothing(
    app: Flask, cast: Cast
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    here = _today()
    first, last, later = (here + timedelta(days=each) for each in (-3, 2, 5))
    dates = {"first_date": first.isoformat(), "last_date": last.isoformat()}
    for end in (last, later, last):
        dates["last_date"] = end.isoformat()
        client.post_form("/cabinet/tags", {"kind": "ill", **dates})
    page = client.get("/cabinet").text
    assert page.count("<strong>Ill</strong>") == 1
    with app.app_context(), acting_for(cast.bea.organisation_id):
        tag = db.session.scalars(db.select(DayTag)).one()
        assert (tag.first_date, tag.last_date) == (first, later)
        db.session.remove()
    found = re.search(r'action="(/cabinet/tags/[0-9a-f-]+/end)"', page)
    assert found
    client.post_form(found[1], {"back": "today"})
    after = client.get("/cabinet").text
    assert "<strong>Ill</strong>" in after
    assert "It is over" not in after


def test_a_mood_typed_into_the_day_is_the_mood_of_the_check_in(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form("/cabinet/check-in", {"mood": "7"})
    day = f"/cabinet/days/{_today()}"
    client.type_value(day, "mood", "4")
    assert _chosen_mood(client) == "4"
    assert _ratings(app, cast) == [4]
    client.type_value(day, "mood", do="empty")
    assert _chosen_mood(client) is None
    assert _ratings(app, cast) == []


def test_a_mood_that_is_answered_no_more_is_taken_back(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form("/cabinet/check-in", {"mood": "7", "sleep": "2"})
    client.post_form("/cabinet/check-in", {"sleep": "2"})
    assert _chosen_mood(client) is None
    assert _ratings(app, cast) == []


def test_what_was_typed_stands_in_its_field_in_the_readers_units(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    day = f"/cabinet/days/{DAY}"
    client.type_value(day, "weight_kg", "70,25")
    client.type_value(day, "sleep_hours", "7:30")
    client.type_value(day, "notes", "knee\nagain")
    page = client.get(day).text
    assert 'value="70.25"' in page
    assert 'value="7.5"' in page
    assert re.search(r"<textarea[^>]*>knee\r?\nagain</textarea>", page)
    assert client.type_value(day, "sleep_hours", "7:75").status_code == 422


def test_a_day_tells_what_only_the_strap_measured_and_the_future_has_no_day(
    app: Flask, cast: Cast
) -> None:
    _device_says(app, cast, DAY, deep_hours=1.5, sleep_efficiency=91.0)
    client = Critic.of(app).sign_in(cast.bea)
    page = client.get(f"/cabinet/days/{DAY}").text
    assert "1 h 30 min" in page.partition("Measured besides")[2]
    assert "Share of the time in bed" in page
    assert "Measured besides" not in client.get("/cabinet/days/2026-05-15").text
    tomorrow = _today() + timedelta(days=1)
    assert client.get(f"/cabinet/days/{tomorrow}").status_code == 404


def test_an_answer_given_again_is_not_called_seen(app: Flask, cast: Cast) -> None:
    client, ann = Critic.of(app).sign_in(cast.bea), Critic.of(app).sign_in(cast.ann)
    client.post_form("/cabinet/sharing", {"share": "check_in"})
    client.post_form("/cabinet/check-in", {"mood": "4"})
    path = f"/dashboard/clients/{cast.bea.client_id}/check-ins/{_today()}/reply"
    assert ann.post_form(path, {"text": "Rest today."}).status_code == 303
    assert "Your coach has seen your check-in" in client.get("/cabinet").text
    client.post_form("/cabinet/check-in", {"mood": "2"})
    page = client.get("/cabinet").text
    assert "Your coach has seen" not in page
    assert "Your coach answered your check-in" in page


def _chosen_mood(client: Critic) -> str | None:
    page = client.get("/cabinet/check-in").text
    found = re.search(r'name="mood"\s+value="(\d+)"\s+checked', page)
    return found[1] if found else None


def _ratings(app: Flask, cast: Cast) -> list[int]:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        found = list(db.session.scalars(db.select(MoodRating.rating)))
        db.session.remove()
    return found


def test_a_client_whose_coach_has_left_is_told(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert "Nobody coaches you" not in client.get("/cabinet").text
    with app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(
            db.delete(CoachClient).where(CoachClient.client_id == cast.bea.client_id)
        )
        db.session.commit()
        db.session.remove()
    assert "Nobody coaches you" in client.get("/cabinet").text


def test_earlier_weeks_have_an_address_and_the_future_has_none(app: Flask, cast: Cast) -> None:
    _device_says(app, cast)
    client = Critic.of(app).sign_in(cast.bea)
    assert f"/cabinet/days/{DAY}" in client.get(f"/cabinet/days?until={DAY}").text
    later = _today() + timedelta(days=1)
    for wrong in ("1999-01-01", "soon", later.isoformat()):
        assert client.get(f"/cabinet/days?until={wrong}").status_code == 404
