"""Who sees what: with whom, of what, until when; and what that looks like to them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from coach.accounts.models import AuditEntry, Consent, FieldGroup
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy.words import DEEDS, PAGES
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import CALM, LOW_HRV, lives, morning
from tests.weekly.weeks import OVER as WEEK

PAGE = "/cabinet/sharing"


def visible(app: Flask, coach: Somebody, of: Somebody) -> str:
    return Critic.of(app).sign_in(coach).get(f"/dashboard/clients/{of.client_id}").text


def deeds(app: Flask, who: Somebody, action: str) -> int:
    with app.app_context(), acting_for(who.organisation_id):
        mine = (AuditEntry.actor_id == who.user_id, AuditEntry.action == action)
        count = db.session.scalar(db.select(db.func.count()).select_from(AuditEntry).where(*mine))
        db.session.remove()
        return count or 0


def row(coach: Somebody) -> str:
    return f"-{coach.membership_id}"


def test_one_coach_sees_what_the_owner_does_not(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM)
    bea = Critic.of(app).sign_in(cast.bea)
    sent = {f"row{row(cast.ann)}": "1", f"share{row(cast.ann)}": "recovery"}
    assert bea.post_form(PAGE, sent).status_code == 303
    with morning():
        path = f"/dashboard/clients/{cast.bea.client_id}"
        assert "panel--" in Critic.of(app).sign_in(cast.ann).get(path).text
        assert "panel--" not in Critic.of(app).sign_in(cast.olga).get(path).text
        bea.post_form(PAGE, {f"row{row(cast.ann)}": "1"})
        assert "panel--" not in Critic.of(app).sign_in(cast.ann).get(path).text


def test_a_coach_who_is_not_in_the_form_is_left_alone(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form(PAGE, {f"row{row(cast.ann)}": "1", f"share{row(cast.ann)}": "sleep"})
    bea.post_form(PAGE, {"share": "strain"})
    assert bea.get(PAGE).text.count("checked") == 2


def test_sharing_ends_by_itself_where_the_client_lives(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    with app.app_context():
        last = (datetime.now(UTC) + timedelta(days=3)).date()
    bea.post_form(PAGE, {"share": ["sleep", "strain"], "until": last.isoformat()})
    assert f'value="{last}"' in bea.get(PAGE).text
    with app.app_context(), acting_for(cast.bea.organisation_id):
        mine = db.select(Consent).where(Consent.client_id == cast.bea.client_id)
        ends = {each.ends_at for each in db.session.scalars(mine)}
        db.session.remove()
    (end,) = ends
    assert end is not None
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time())
    assert timedelta(hours=1) <= midnight.replace(tzinfo=UTC) - end <= timedelta(hours=2)  # Berlin


@pytest.mark.parametrize("typed", ["2020-01-01", "soon", "9999-12-31"])
def test_a_last_day_that_cannot_be_changes_nothing(app: Flask, cast: Cast, typed: str) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    assert bea.post_form(PAGE, {"share": "sleep", "until": typed}).status_code == 422
    assert "checked" not in bea.get(PAGE).text


def test_saving_twice_is_one_consent(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    for _ in range(2):
        bea.post_form(PAGE, {"share": "sleep"})
    assert deeds(app, cast.bea, "consent_given") == 1


def test_the_preview_is_what_the_coach_sees_and_leaves_no_trace(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, FieldGroup.RECOVERY)
    bea = Critic.of(app).sign_in(cast.bea)
    with morning():
        shown = bea.get(f"{PAGE}/preview/{cast.ann.membership_id}")
        theirs = visible(app, cast.ann, cast.bea)
    assert shown.status_code == 200
    assert shown.text.count('class="card panel') == theirs.count('class="card panel') > 0
    assert "not shared" in shown.text
    assert "/dashboard" not in shown.text.split("<main", 1)[1]
    assert deeds(app, cast.bea, "client_viewed") == 0
    assert deeds(app, cast.ann, "client_viewed") == 1  # her own look


def test_nobody_is_previewed_who_may_not_look(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    for somebody in (cast.carla, cast.carl, cast.yan, cast.bea):
        assert bea.get(f"{PAGE}/preview/{somebody.membership_id}").status_code == 404


def test_the_client_reads_who_looked_and_a_second_look_is_no_second_entry(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, CALM, FieldGroup.SLEEP)
    with morning():
        ann = Critic.of(app).sign_in(cast.ann)
        for path in ("/dashboard", f"/dashboard/clients/{cast.bea.client_id}"):
            ann.get(path)
            ann.get(path, headers={"Coach-Poll": "1"})
            ann.get(path)
    assert deeds(app, cast.ann, "roster_viewed") == 1
    assert deeds(app, cast.ann, "client_viewed") == 1
    log = Critic.of(app).sign_in(cast.bea).get(f"{PAGE}/log").text
    assert "Ann" in log
    assert "opened the charts" in log
    assert "looked at the roster" in log
    assert "with Sleep" in log
    assert "opened the charts" not in Critic.of(app).sign_in(cast.carl).get(f"{PAGE}/log").text


def test_a_look_at_weeks_and_alerts_stands_in_the_clients_log_too(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.RECOVERY)
    with morning():
        ann = Critic.of(app).sign_in(cast.ann)
        ann.get(f"/dashboard/weeks/{WEEK}")
        ann.get(f"/dashboard/clients/{cast.bea.client_id}/weeks/{WEEK}")
        ann.get(f"/dashboard/clients/{cast.bea.client_id}/summary")
    log = Critic.of(app).sign_in(cast.bea).get(f"{PAGE}/log").text
    assert "looked at the week of the clients" in log
    assert "opened the page of a week" in log
    assert "opened the one-page summary" in log
    carls = Critic.of(app).sign_in(cast.carl).get(f"{PAGE}/log").text
    assert "looked at the week" not in carls, "nothing of his was to be seen"


def test_every_deed_and_page_of_the_log_has_words() -> None:
    written = "".join(file.read_text() for file in Path("coach").rglob("*.py"))
    deeds_ = set(re.findall(r'audit\.(?:record|many_viewed)\(\s*"(\w+)"', written))
    pages = set(re.findall(r'audit\.viewed\(\s*"(\w+)"', written))
    assert len(deeds_) > 40
    assert deeds_ - DEEDS.keys() == set()
    assert pages - PAGES.keys() == set()


def test_the_owner_reads_the_log_of_the_organisation(app: Flask, cast: Cast) -> None:
    Critic.of(app).sign_in(cast.bea).post_form(PAGE, {"share": "sleep"})
    log = Critic.of(app).sign_in(cast.olga).get("/organisation/log").text
    assert "shared something" in log
    assert "Xenia" not in log


def test_a_look_at_more_than_before_is_a_new_entry(app: Flask, cast: Cast) -> None:
    bea, ann = Critic.of(app).sign_in(cast.bea), Critic.of(app).sign_in(cast.ann)
    path = f"/dashboard/clients/{cast.bea.client_id}"
    ann.get(path)
    bea.post_form(PAGE, {"share": "sleep"})
    ann.get(path)
    assert deeds(app, cast.ann, "client_viewed") == 2
