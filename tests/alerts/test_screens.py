"""The coach's list and rules: seen, put off, previewed; with and without scripts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from coach.accounts.models import Client, FieldGroup
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.alerts.made import a_rule, an_alert, look
from tests.alerts.test_raising import many_clients
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives, morning
from tests.dashboard.test_roster import counted

HTMX = {"HX-Request": "true"}
FORM = {"signals": ["hrv_week", "hrv_day"], "sds": "2.5", "cooldown_hours": "48", "persistent": "1"}
CHOSEN = {**FORM, "digest_hour": "6", "timezone": "Europe/Madrid", "active": "1"}


def test_seen_is_one_click_and_the_client_page_says_by_whom(app: Flask, cast: Cast) -> None:
    alert = an_alert(app, cast.ann, cast.bea)
    ann = Critic.of(app).sign_in(cast.ann)
    page = ann.get("/dashboard/alerts").text
    assert "No data: WHOOP has to be linked again" in page
    assert 'class="nav__count"' in page
    assert "1 alert" in ann.get("/dashboard").text
    done = ann.post_form(f"/dashboard/alerts/{alert}/acknowledgement", headers=HTMX)
    assert done.status_code == 200
    assert done.text.strip().startswith("<section")
    assert "Seen by Ann" in done.text
    assert 'class="nav__count"' not in ann.get("/dashboard/alerts").text
    client_page = f"/dashboard/clients/{cast.bea.client_id}"
    assert "Seen by Ann" in ann.get(client_page).text
    assert "Seen by Ann" in Critic.of(app).sign_in(cast.olga).get(client_page).text


def test_what_was_seen_or_put_off_by_mistake_waits_again(app: Flask, cast: Cast) -> None:
    alert = an_alert(app, cast.ann, cast.bea)
    ann = Critic.of(app).sign_in(cast.ann)
    path = f"/dashboard/alerts/{alert}"
    ann.post_form(f"{path}/acknowledgement", headers=HTMX)
    undone = ann.post_form(f"{path}/reopening", headers=HTMX)
    assert undone.status_code == 200
    assert "To look at" in undone.text
    assert "Seen by Ann" not in undone.text
    assert ann.post_form(f"{path}/snooze", {"until": _day_after()}).status_code == 303
    assert "To look at" not in ann.get("/dashboard/alerts").text
    assert ann.post_form(f"{path}/reopening").status_code == 303
    assert "To look at" in ann.get("/dashboard/alerts").text
    other = Critic.of(app).sign_in(cast.carla)
    assert other.post_form(f"{path}/reopening").status_code == 404


def _day_after() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


def test_without_scripts_one_is_back_where_one_came_from(app: Flask, cast: Cast) -> None:
    alert = an_alert(app, cast.ann, cast.bea)
    ann = Critic.of(app).sign_in(cast.ann)
    path = f"/dashboard/alerts/{alert}"
    assert ann.post_form(f"{path}/snooze", {"until": "1999-01-01"}).status_code == 422
    assert ann.post_form(f"{path}/snooze", {"until": "nonsense"}).status_code == 422
    seen = ann.post_form(f"{path}/acknowledgement", {"back": "client"})
    assert seen.location == f"/dashboard/clients/{cast.bea.client_id}"
    page = ann.get(f"{seen.location}?roster=q%3Dbea").text
    assert 'name="roster" value="q=bea"' in page
    again = ann.post_form(f"{path}/acknowledgement", {"back": "client", "roster": "q=bea"})
    assert again.location == f"{seen.location}?roster=q%3Dbea"


def test_a_rule_is_previewed_before_it_is_kept(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        page = ann.get("/dashboard/alerts/rules").text
        assert "chance alerts a week for your 2 clients" in page
        assert "HRV below own range" in page
        part = ann.get(
            "/dashboard/alerts/rules",
            query_string={**CHOSEN, "signals": "sleep_debt"},
            headers=HTMX,
        ).text
    assert part.strip().startswith("<section")
    assert "Nobody would have raised one." in part
    assert ann.post_form("/dashboard/alerts/rules", CHOSEN).status_code == 303
    kept = ann.get("/dashboard/alerts/rules").text
    assert 'value="Europe/Madrid"' in kept
    assert ann.post_form("/dashboard/alerts/rules", {**CHOSEN, "sds": "9"}).status_code == 422


def test_the_preview_shows_nothing_that_is_not_shared(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.SLEEP)
    with morning():
        page = Critic.of(app).sign_in(cast.ann).get("/dashboard/alerts/rules").text
    assert "Nobody would have raised one." in page


def test_an_empty_list_says_why_it_is_empty(app: Flask, cast: Cast) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    for nobody in (cast.olga, cast.carla):
        told = Critic.of(app).sign_in(nobody).get("/dashboard/alerts").text
        assert "no client has been assigned to you" in told
        assert "anybody who shares" not in told
    rule = a_rule(app, cast.ann, watches_quiet=False)
    assert "No alerts yet" in ann.get("/dashboard/alerts").text
    look(app, cast.ann, rule)
    assert "Nothing your rules watch shows" in ann.get("/dashboard/alerts").text
    ann.post_form("/dashboard/alerts/rules", {**CHOSEN, "active": ""})
    told = ann.get("/dashboard/alerts").text
    assert "Alerts are switched off" in told
    assert "Nothing your rules watch" not in told


def test_who_coaches_nobody_is_promised_no_number(app: Flask, cast: Cast) -> None:
    page = Critic.of(app).sign_in(cast.carla).get("/dashboard/alerts/rules").text
    assert "nobody to look at" in page
    assert "chance alerts" not in page


def test_a_day_of_the_preview_leads_to_that_day_of_the_client(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        page = ann.get("/dashboard/alerts/rules").text
        (first, *_) = re.findall(rf'href="(/dashboard/clients/{cast.bea.client_id}[^"#]+)', page)
        assert "HRV" in ann.get(first).text.partition('id="why"')[2].partition("</summary>")[0]


@pytest.mark.parametrize("name", ["Maximiliane " * 8, "عبد الرحمن بن خلدون"])
def test_names_stand_by_themselves_in_lists_of_alerts(app: Flask, cast: Cast, name: str) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    rename(app, cast.bea, name.strip())
    look(app, cast.ann, a_rule(app, cast.ann))
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        for path in ("/dashboard/alerts", "/dashboard/alerts/rules"):
            assert f"<bdi>{name.strip()}</bdi>" in ann.get(path).text


def rename(app: Flask, who: Somebody, name: str) -> None:
    with app.app_context(), acting_for(who.organisation_id):
        db.session.get_one(Client, (who.organisation_id, who.client_id)).name = name
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize("path", ["/dashboard/alerts", "/dashboard/alerts/rules", "/dashboard"])
def test_a_page_asks_as_much_for_many_clients_as_for_two(app: Flask, cast: Cast, path: str) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann))
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        ann.get(path)
        with counted(app) as few:
            ann.get(path)
        many_clients(app, cast.ann, 50)
        with counted(app) as many:
            ann.get(path)
    assert len(many) == len(few) <= 12


def test_a_client_with_several_alerts_is_named_once(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann, signals=["hrv_week", "hrv_day"]))
    with morning():
        page = Critic.of(app).sign_in(cast.ann).get("/dashboard/alerts").text
    assert page.count('<article class="alert-line') == 2
    assert page.count(f'href="/dashboard/clients/{cast.bea.client_id}#why"') == 1
    assert page.count('<h3 class="visually-hidden">') == 1, "who listens is told each time"
