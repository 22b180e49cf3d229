"""New data appears by itself: a page that asks again is told whether anything has changed."""

import re

import pytest
from flask import Flask

from coach.accounts.models import AuditEntry, Client, FieldGroup
from coach.dashboard import roster
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, RED, ask_again, lives, look


@pytest.fixture
def ann(app: Flask, cast: Cast) -> Critic:
    return Critic.of(app).sign_in(cast.ann)


def test_nothing_new_is_304_and_no_look(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, CALM, *ALL)
    first = look(ann)
    before = looks(app, cast)
    again = ask_again(ann, first)
    assert (again.status_code, again.data) == (304, b"")
    assert looks(app, cast) == before == 1


def test_new_data_is_shown_and_written_down(app: Flask, cast: Cast, ann: Critic) -> None:
    first = look(ann)
    lives(app, cast.bea, RED, *ALL)
    again = ask_again(ann, first)
    assert again.status_code == 200
    assert "Low recovery" in again.text
    assert looks(app, cast) == 1, "the first look saw nothing of anybody"
    ask_again(ann, first)
    assert looks(app, cast) == 1, "who comes back so soon is still at it"


def test_taking_consent_back_is_news(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, CALM, FieldGroup.SLEEP)
    first = look(ann)
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {})
    assert "7 h 42 min" not in ask_again(ann, first).text
    assert ask_again(ann, first).status_code == 200


def looks(app: Flask, cast: Cast) -> int:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        mine = AuditEntry.actor_id == cast.ann.user_id, AuditEntry.action == "roster_viewed"
        return db.session.execute(
            db.select(db.func.count()).select_from(AuditEntry).where(*mine)
        ).scalar_one()


def test_an_address_says_all_that_is_not_as_usual() -> None:
    said = {"q": "be", "state": "no_data", "sort": "-hrv", "date": "2026-05-14", "page": "3"}
    wanted = Wanted.read(said | {"density": "compact"})
    assert wanted.args == said | {"density": "compact"}
    assert Wanted.read({"sort": "x", "state": "x", "page": "0", "density": "x"}) == Wanted()
    assert Wanted().args == {}
    assert wanted.of(Bucket.ALL).page == wanted.by(Sort.HRV).page == 1
    assert not wanted.by(Sort.HRV).descending


def test_more_clients_than_a_page_holds_have_pages(
    app: Flask, cast: Cast, ann: Critic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PAGE_ROWS", 2)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        mine = {"organisation_id": cast.ann.organisation_id, "timezone": "UTC"}
        db.session.add_all(Client(id=new_id(), name=f"Dan {n}", **mine) for n in range(3))
        db.session.commit()
    olga = Critic.of(app).sign_in(cast.olga)
    first, last = (olga.get(f"/dashboard?sort=name&page={page}").text for page in (1, 99))
    assert re.findall(r"<bdi>([\w ]+)</bdi>", first) == ["Bea", "Carl"]
    assert re.findall(r"<bdi>([\w ]+)</bdi>", last) == ["Dan 2"]
    assert "page=3" in first
    assert "Pages" not in look(ann)
