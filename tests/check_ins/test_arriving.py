"""A check-in made offline arrives once, on its own day, under nobody else's name."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from coach.check_ins.models import ArrivedAnswer, CheckIn
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.cast import Cast, Somebody
from tests.critic import Critic

UNSENT = "/cabinet/check-in/unsent"


def _made(hours_ago: float = 0, **answers: str) -> dict[str, str]:
    moment = datetime.now(UTC) - timedelta(hours=hours_ago)
    return {"id": str(uuid4()), "made_at": moment.isoformat(), **answers}


def _check_ins(app: Flask, who: Somebody) -> list[CheckIn]:
    with app.app_context(), acting_for(who.organisation_id):
        mine = db.select(CheckIn).where(CheckIn.client_id == who.client_id).order_by(CheckIn.date)
        found = list(db.session.scalars(mine))
        db.session.expunge_all()
        db.session.remove()
    return found


def test_an_answer_that_arrives_twice_is_kept_once(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    first, later = _made(26, sleep="2", mood="7"), _made(25.9, sleep="5")
    assert client.post_form(UNSENT, first).json == {"kept": True}
    assert client.post_form(UNSENT, later).json == {"kept": True}
    assert client.post_form(UNSENT, first).json == {"kept": False}
    (kept,) = _check_ins(app, cast.bea)
    assert (kept.sleep, kept.date < datetime.now(UTC).date()) == (5, True)


def test_an_older_answer_does_not_replace_a_newer_one(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.post_form(UNSENT, _made(25.9, sleep="5")).json == {"kept": True}
    assert client.post_form(UNSENT, _made(26, sleep="2")).json == {"kept": False}
    (kept,) = _check_ins(app, cast.bea)
    assert kept.sleep == 5


@pytest.mark.parametrize(
    "wrong", [{"id": "7"}, {"made_at": "now"}, {"sleep": "9"}, {"made_at": "2020-01-01T00:00:00Z"}]
)
def test_what_can_never_be_kept_is_refused_for_good(
    app: Flask, cast: Cast, wrong: dict[str, str]
) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.post_form(UNSENT, {**_made(sleep="3"), **wrong}).status_code == 422
    assert _check_ins(app, cast.bea) == []


def test_a_clock_that_runs_ahead_is_taken_for_ours(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.post_form(UNSENT, _made(-72, sleep="3")).json == {"kept": True}
    (kept,) = _check_ins(app, cast.bea)
    assert kept.answered_at <= datetime.now(UTC)


def test_without_a_fresh_token_nothing_arrives(app: Flask, cast: Cast) -> None:
    client = Critic.of(app).sign_in(cast.bea)
    assert client.post(UNSENT, data=_made(sleep="3")).status_code == 400
    token = client.get("/cabinet/check-in/token").json
    assert token
    answer = client.post(
        UNSENT, data=_made(sleep="3"), headers={"X-CSRFToken": token["csrf_token"]}
    )
    assert answer.status_code == 200


def test_who_is_not_signed_in_is_told_by_a_status(app: Flask) -> None:
    answer = Critic.of(app).get("/cabinet/check-in/token", headers={"HX-Request": "true"})
    assert answer.status_code == 401


def test_marks_tell_people_apart_and_name_nobody(app: Flask, cast: Cast) -> None:
    marks = set()
    for who in (cast.bea, cast.carl):
        told = Critic.of(app).sign_in(who).get("/cabinet/check-in/token").json
        assert told
        marks.add(told["whose"])
        assert str(who.user_id).replace("-", "") not in told["whose"]
    assert len(marks) == 2


def test_the_page_and_worker_kept_by_browsers_are_the_same_for_everybody(
    app: Flask, cast: Cast
) -> None:
    for path in ("/offline", "/service-worker.js"):
        mine = Critic.of(app).sign_in(cast.bea).get(path)
        assert mine.text == Critic.of(app).get(path).text
        assert "csrf" not in mine.text.lower()
    assert mine.mimetype == "text/javascript"


def test_the_ids_stay_within_their_organisation(app: Flask, cast: Cast) -> None:
    said = _made(sleep="3")
    for who in (cast.bea, cast.xenia):
        assert Critic.of(app).sign_in(who).post_form(UNSENT, said).json == {"kept": True}
    with app.app_context(), acting_for(cast.xenia.organisation_id):
        assert len(list(db.session.scalars(db.select(ArrivedAnswer)))) == 1
        db.session.remove()
