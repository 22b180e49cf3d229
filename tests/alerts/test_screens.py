"""The coach's list and rules: seen, put off, previewed; with and without scripts."""

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from tests.alerts.made import a_rule, an_alert, look
from tests.alerts.test_raising import many_clients
from tests.cast import Cast
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


def test_without_scripts_one_is_back_where_one_came_from(app: Flask, cast: Cast) -> None:
    alert = an_alert(app, cast.ann, cast.bea)
    ann = Critic.of(app).sign_in(cast.ann)
    path = f"/dashboard/alerts/{alert}"
    assert ann.post_form(f"{path}/snooze", {"until": "1999-01-01"}).status_code == 422
    assert ann.post_form(f"{path}/snooze", {"until": "nonsense"}).status_code == 422
    seen = ann.post_form(f"{path}/acknowledgement", {"back": "client"})
    assert seen.location == f"/dashboard/clients/{cast.bea.client_id}"


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
