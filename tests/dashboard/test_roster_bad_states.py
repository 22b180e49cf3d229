"""The roster when there is nobody, one, five hundred, silence, strange names and strange values."""

import re

import pytest
from flask import Flask

from coach.accounts.models import Client, FieldGroup
from coach.dashboard.roster import PAGE_ROWS
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.apps import app_of
from coach.whoop.models import Integration, Status
from coach.whoop.sync.jobs import SYNC
from coach.work.asking import ask
from coach.work.models import Work
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, RED, lives, morning
from tests.dashboard.test_roster import MOST_STATEMENTS, counted
from tests.insights.lives import NOON, TODAY, Made, ago

LONG = "Maximiliane " * 8
ARABIC = "عبد الرحمن بن خلدون"


def look(app: Flask, who: Somebody, address: str = "/dashboard") -> str:
    coach = Critic.of(app).sign_in(who)
    with morning():
        return re.sub(r"\s+", " ", coach.get(address).text)


def row_of(page: str, name: str) -> str:
    return next(row for row in page.split("<tbody")[1:] if f"<bdi>{name}</bdi>" in row)


def clients(app: Flask, who: Somebody, *names: str) -> None:
    with app.app_context(), acting_for(who.organisation_id):
        mine = {"organisation_id": who.organisation_id, "timezone": "UTC"}
        db.session.add_all(Client(id=new_id(), name=name, **mine) for name in names)
        db.session.commit()


def test_nobody_yet_is_an_invitation(app: Flask, cast: Cast) -> None:
    page = look(app, cast.carla)
    assert "Invite a client" in page
    assert "<table" not in page


def test_one_client_is_no_group(app: Flask, cast: Cast) -> None:
    lives(app, cast.xenia, RED, *ALL)
    page = look(app, cast.yan)
    assert "Low recovery" in row_of(page, "Xenia")
    assert "roster__group" not in page


def test_five_hundred_come_in_pages_and_in_as_many_statements(app: Flask, cast: Cast) -> None:
    clients(app, cast.olga, *(f"Dan {n:03}" for n in range(500)))
    olga = Critic.of(app).sign_in(cast.olga)
    olga.get("/dashboard")
    with counted(app) as sent:
        page = olga.get("/dashboard").text
    assert len(sent) <= MOST_STATEMENTS
    assert page.count('class="row-link"') == PAGE_ROWS
    assert "502 clients" in page


def test_nobody_linked_and_everybody_quiet_is_said_of_each(app: Flask, cast: Cast) -> None:
    for who in (cast.bea, cast.carl):
        lives(app, who, None, *ALL)
    page = look(app, cast.ann)
    for name in ("Bea", "Carl"):
        assert "No data" in row_of(page, name)
        assert "Never linked" in row_of(page, name)
    assert "no value" in page


def test_who_came_by_export_alone_is_not_called_never_linked(app: Flask, cast: Cast) -> None:
    assert cast.bea.client_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        said = {ago(1): Reading(Source.EXPORT, {"hrv": 60.0})}
        store.record(cast.bea.client_id, Source.EXPORT, said)
        db.session.commit()
        db.session.remove()
    page = look(app, cast.ann)
    assert "By export, data through 29 June 2026" in row_of(page, "Bea")
    assert "Never linked" in row_of(page, "Carl")
    on_page = look(app, cast.ann, f"/dashboard/clients/{cast.bea.client_id}")
    for text in (on_page, look(app, cast.olga, "/organisation/sync")):
        assert "By export, data through 29 June 2026" in text


def test_what_is_not_shared_is_never_called_missing(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, FieldGroup.SLEEP)
    bea = row_of(look(app, cast.ann), "Bea")
    assert bea.count("not shared") == 5  # recovery, HRV, resting heart rate, strain, check-in
    assert "no value" not in bea
    assert "No data" not in bea


@pytest.mark.parametrize("name", [LONG.strip(), ARABIC, "<b>Bea</b>"])
def test_names_stand_by_themselves_in_their_direction(app: Flask, cast: Cast, name: str) -> None:
    clients(app, cast.olga, name)
    page = look(app, cast.olga)
    assert f"<bdi>{name.replace('<', '&lt;').replace('>', '&gt;')}</bdi>" in page


def test_a_week_without_sleep_shows_the_date_of_the_last_night(app: Flask, cast: Cast) -> None:
    nights: list[float | None] = [7.5] * 92 + [None] * 8
    lives(app, cast.bea, Made({"sleep_hours": nights, "recovery_score": [70.0] * 100}), *ALL)
    bea = row_of(look(app, cast.ann), "Bea")
    assert "roster__note--old" in bea
    assert "7 h 30 min" in bea


@pytest.mark.parametrize(("score", "strain", "asleep"), [(0.0, 0.0, 0.0), (100.0, 21.0, 24.0)])
def test_absurd_values_break_nothing(
    app: Flask, cast: Cast, score: float, strain: float, asleep: float
) -> None:
    said = {"recovery_score": score, "strain": strain, "sleep_hours": asleep}
    lives(app, cast.bea, Made({name: [value] * 100 for name, value in said.items()}), *ALL)
    bea = row_of(look(app, cast.ann), "Bea")
    assert f"{score:.0f}%" in bea
    assert f"{strain:.1f}" in bea


def linked(app: Flask, who: Somebody, *, trouble: str | None = None) -> None:
    """Link somebody; with trouble, their sync has failed and waits for its next try."""
    with app.app_context(), acting_for(who.organisation_id):
        link = Integration(
            id=new_id(),
            organisation_id=who.organisation_id,
            client_id=who.client_id,
            whoop_app_id=app_of(who.organisation_id).id,
            external_user_id=new_id().hex,
            status=Status.ACTIVE,
            sync_enabled=False,
            last_sync=NOON,
            data_through=NOON,
        )
        db.session.add(link)
        db.session.flush()
        if trouble:
            ask(SYNC, subject_id=link.id, organisation_id=who.organisation_id, due_at=NOON)
            asked = db.session.scalars(db.select(Work).where(Work.subject_id == link.id)).one()
            asked.error = trouble
        db.session.commit()
        db.session.remove()


def adds(app: Flask, who: Somebody, back: int, said: Reading) -> None:
    """Let WHOOP say more of a day of somebody."""
    assert who.client_id
    with app.app_context(), acting_for(who.organisation_id):
        store.record(who.client_id, Source.WHOOP, {ago(back): said})
        db.session.commit()
        db.session.remove()


def test_while_whoop_is_down_the_values_stay_and_it_is_said_why_none_arrive(
    app: Flask, cast: Cast
) -> None:
    for who, trouble in ((cast.bea, "Unavailable"), (cast.carl, None)):
        lives(app, who, CALM, *ALL)
        linked(app, who, trouble=trouble)
    page = look(app, cast.ann)
    assert "Waiting for WHOOP" in row_of(page, "Bea")
    assert "70%" in row_of(page, "Bea")
    assert "Waiting for WHOOP" not in row_of(page, "Carl")
    told = look(app, cast.ann, f"/dashboard/clients/{cast.bea.client_id}")
    assert "Waiting for WHOOP" in told


def test_while_whoop_calibrates_a_recovery_has_no_colour(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, *ALL)
    adds(app, cast.bea, 0, Reading(Source.WHOOP, {"recovery_score": 20.0}, calibrating=True))
    bea = row_of(look(app, cast.ann), "Bea")
    assert "20%" in bea
    assert "WHOOP calibrates" in bea
    assert "recovery--" not in bea
    assert "Low recovery" not in bea
    told = look(app, cast.ann, f"/dashboard/clients/{cast.bea.client_id}?to={TODAY}")
    assert "calibrating" in told


def test_a_morning_before_the_day_before_is_settled_says_so(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, *ALL)
    adds(app, cast.bea, 1, Reading(Source.WHOOP, {"strain": 19.5}, provisional=True))
    bea = row_of(look(app, cast.ann), "Bea")
    assert "19.5" in bea
    assert "so far" in bea
    told = look(app, cast.ann, f"/dashboard/clients/{cast.bea.client_id}?to={TODAY}")
    assert "still running" in told


def test_older_days_say_why_nothing_is_compared(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, *ALL)
    page = f"/dashboard/clients/{cast.bea.client_id}"
    assert "kept for 120 days" not in look(app, cast.ann, page)
    told = look(app, cast.ann, f"{page}?from={ago(150)}&to={ago(120)}")
    assert "What stands out is kept for 120 days" in told


def test_the_way_back_keeps_what_was_asked_for_and_nothing_else(app: Flask, cast: Cast) -> None:
    row = row_of(look(app, cast.ann, "/dashboard?q=bea&sort=-hrv"), "Bea")
    (client,) = re.findall(r'class="row-link"[^>]*href="([^"]+)"', row)
    told = look(app, cast.ann, client.replace("&amp;", "&"))
    assert 'href="/dashboard?q=bea&amp;sort=-hrv"' in told
    assert "roster=q%3Dbea%26sort%3D-hrv" in told, "other pages of the client carry it on"
    strange = look(app, cast.ann, f"{client.partition('?')[0]}?roster=//evil.example%26x=1")
    assert "evil" not in strange.partition("<main")[2]
