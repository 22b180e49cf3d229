"""A client answers, tags and takes back; what they say stays theirs."""

from datetime import date, timedelta
from typing import TypeVar

import pytest
from flask import Flask

from coach.accounts.access import Viewer
from coach.accounts.models import Role
from coach.check_ins import reading, saying
from coach.check_ins.models import CheckIn, DayTag, MoodRating, TagKind
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from tests.cast import Cast, Somebody
from tests.critic import Critic

Row = TypeVar("Row")


def _rows(app: Flask, who: Somebody, model: type[Row]) -> list[Row]:
    with app.app_context(), acting_for(who.organisation_id):
        found = list(db.session.scalars(db.select(model)))
        db.session.expunge_all()
        db.session.remove()
    return found


def viewer_of(who: Somebody) -> Viewer:
    return Viewer(
        organisation_id=who.organisation_id,
        organisation_name="Ann's",
        user_id=who.user_id,
        membership_id=who.membership_id,
        role=Role.COACH,
        name="Ann",
        email=who.email,
        timezone="UTC",
        client_id=None,
    )


def test_one_answer_is_enough_and_the_mood_is_copied_to_the_day(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.post_form("/cabinet/check-in", {"mood": "7"}).status_code == 303
    (rating,) = _rows(app, cast.bea, MoodRating)
    (log,) = _rows(app, cast.bea, DailyLog)
    assert (rating.rating, log.mood, log.date) == (7, 7, rating.date)
    assert log.sources == {"mood": "manual"}


def test_an_answer_can_be_taken_back_on_the_screen(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert "No answer" not in client.get("/cabinet/check-in").text
    client.post_form("/cabinet/check-in", {"sleep": "5", "stress": "3"})
    assert client.get("/cabinet/check-in").text.count("No answer") == 2
    client.post_form("/cabinet/check-in", {"sleep": "", "stress": "3"})
    (answers,) = _rows(app, cast.bea, CheckIn)
    assert (answers.sleep, answers.stress) == (None, 3)


def test_no_tag_is_chosen_for_anybody_and_its_removal_asks_once_more(
    app: Flask, cast: Cast
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert '<option value="">' in client.get("/cabinet/tags").text
    assert client.post_form("/cabinet/tags", {"kind": ""}).status_code == 422
    client.post_form("/cabinet/tags", {"kind": "ill"})
    page = client.get("/cabinet/tags").text
    assert "Remove the tag for good" in page.partition("<details")[2]


def test_answers_given_again_replace_the_first_and_count_as_not_seen(
    app: Flask, cast: Cast
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form("/cabinet/check-in", {"sleep": "2", "stress": "3", "note": "left knee"})
    client.post_form("/cabinet/check-in", {"sleep": "5"})
    (answers,) = _rows(app, cast.bea, CheckIn)
    assert (answers.sleep, answers.stress, answers.note, answers.seen_at) == (5, None, None, None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "at least one question"),
        ({"mood": "11"}, "from 1 to 10"),
        ({"stress": "0"}, "from 1 to 7"),
        ({"fatigue": "many"}, "from 1 to 7"),
        ({"soreness": "²"}, "from 1 to 7"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_stored(
    app: Flask, cast: Cast, typed: dict[str, str], words: str
) -> None:
    answer = Critic.of(app).sign_in(cast.bea).post_form("/cabinet/check-in", typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert _rows(app, cast.bea, CheckIn) == []


def test_what_was_typed_survives_a_refusal(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    answer = client.post_form("/cabinet/check-in", {"mood": "99", "note": "slept on a train"})
    assert "slept on a train" in answer.text


def test_a_tag_covers_its_dates_and_can_end_or_be_taken_back(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form("/cabinet/tags", {"kind": "travelling", "first_date": "2026-05-01"})
    (tag,) = _rows(app, cast.bea, DayTag)
    assert tag.last_date is None
    client.post_form(f"/cabinet/tags/{tag.id}/end")
    (tag,) = _rows(app, cast.bea, DayTag)
    assert tag.last_date is not None
    client.post_form(f"/cabinet/tags/{tag.id}/removal")
    assert _rows(app, cast.bea, DayTag) == []


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "tired"},
        {"kind": "ill", "first_date": "yesterday"},
        {"kind": "ill", "first_date": "2026-05-02", "last_date": "2026-05-01"},
    ],
)
def test_a_tag_without_sense_is_refused(app: Flask, cast: Cast, typed: dict[str, str]) -> None:
    answer = Critic.of(app).sign_in(cast.bea).post_form("/cabinet/tags", typed)
    assert answer.status_code == 422
    assert _rows(app, cast.bea, DayTag) == []


def test_tagged_dates_are_every_date_of_every_tag() -> None:
    first = date(2026, 5, 1)
    over = DayTag(kind=TagKind.ILL, first_date=first, last_date=first + timedelta(days=1))
    going_on = DayTag(kind=TagKind.HOLIDAY, first_date=date(2026, 5, 9), last_date=None)
    named = reading.tagged_dates([over, going_on], until=date(2026, 5, 10))
    assert [day.day for day in sorted(named)] == [1, 2, 9, 10]


def test_another_client_of_the_same_coach_sees_none_of_it(app: Flask, cast: Cast) -> None:
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/check-in", {"note": "only mine"})
    assert "only mine" not in Critic.of(app).sign_in(cast.carl).get("/cabinet/check-in").text


def test_a_coach_who_has_seen_is_shown_and_the_reply_too(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    client.post_form("/cabinet/check-in", {"mood": "4"})
    (answers,) = _rows(app, cast.bea, CheckIn)
    ann = viewer_of(cast.ann)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert cast.bea.client_id
        assert saying.see(cast.bea.client_id, answers.date, by=ann)
        assert not saying.see(cast.bea.client_id, answers.date, by=ann), "seen once"
        assert saying.reply(cast.bea.client_id, answers.date, "Rest today.", by=ann)
        db.session.commit()
        db.session.remove()
    page = client.get("/cabinet/check-in").text
    assert "Your coach has seen this" in page
    assert "Rest today." in page
