"""What stands out on a client's page: said once, as on the roster, with what to do about it."""

import re

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from tests.alerts.made import a_rule, alerts_of, an_alert, look
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives, morning
from tests.dashboard.test_roster import MOST_STATEMENTS, counted
from tests.insights.lives import STEADY, Made, ago

SAID = "HRV below own range, 7 days"
FEW = Made({name: [] for name in STEADY} | {"hrv": [60.0] * 3, "recovery_score": [50.0] * 3})


def page_of(app: Flask, who: Somebody, client: Somebody, asked: str = "") -> str:
    with morning():
        page = Critic.of(app).sign_in(who).get(f"/dashboard/clients/{client.client_id}{asked}")
    return re.sub(r"\s+", " ", page.text)


def test_an_alert_that_stands_out_anyway_is_said_once_with_its_buttons(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann, signals=["hrv_week"]))
    (alert,) = alerts_of(app, cast.ann)
    page = page_of(app, cast.ann, cast.bea)
    assert page.count(SAID) == 1
    assert f"/dashboard/alerts/{alert.id}/acknowledgement" in page
    assert 'id="alerts-of"' not in page


def test_an_alert_of_today_is_told_beside_what_stood_out_on_an_older_day(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann, signals=["hrv_week"]))
    page = page_of(app, cast.ann, cast.bea, f"?to={ago(20)}")
    assert 'id="alerts-of"' in page
    assert page.count(SAID) == 1


def test_an_alert_about_the_link_has_a_place_of_its_own(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    an_alert(app, cast.ann, cast.bea)
    page = page_of(app, cast.ann, cast.bea)
    assert 'id="alerts-of"' in page
    assert "WHOOP has to be linked again" in page
    assert page.count(SAID) == 1


def test_the_first_reason_of_the_roster_is_the_first_here_and_open(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    with morning():
        roster = Critic.of(app).sign_in(cast.ann).get("/dashboard").text
    (reasons,) = re.findall(r'roster__reasons">([^<]+)', roster)
    page = page_of(app, cast.ann, cast.bea)
    first, *others = re.findall(r'<details class="signal"( open)? ?> <summary>([^<]+)', page)
    assert first == (" open", reasons.partition(";")[0])
    assert all(opened == "" for opened, _ in others)
    assert "7 days in a row, since 24 Jun" in page


def test_nothing_is_called_calm_before_there_is_something_to_compare(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, FEW, *ALL)
    page = page_of(app, cast.ann, cast.bea)
    assert "Too few days to compare yet" in page
    assert "Nothing stands out" not in page


def test_who_may_not_correct_a_day_is_not_sent_to_one(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    day = f'href="/dashboard/clients/{cast.bea.client_id}/days/'
    assert day in page_of(app, cast.ann, cast.bea)
    assert day not in page_of(app, cast.olga, cast.bea)
    assert 'id="days"' in page_of(app, cast.olga, cast.bea)


@pytest.mark.parametrize("who", ["ann", "olga"])
def test_statements_stay_few_with_alerts(app: Flask, cast: Cast, who: str) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann))
    coach = Critic.of(app).sign_in(getattr(cast, who))
    path = f"/dashboard/clients/{cast.bea.client_id}"
    with morning():
        coach.get(path)
        for address in (path, "/dashboard"):
            with counted(app) as sent:
                coach.get(address)
            assert len(sent) <= MOST_STATEMENTS, sent


def test_an_older_day_of_the_roster_leads_to_that_day_of_the_client(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    with morning():
        roster = Critic.of(app).sign_in(cast.ann).get(f"/dashboard?date={ago(2)}&q=bea").text
    (link,) = re.findall(r'class="row-link"[^>]*href="[^"?]+(\?[^"]+)"', roster)
    page = page_of(app, cast.ann, cast.bea, link.replace("&amp;", "&"))
    (reason,) = re.findall(r'roster__reasons">([^<;]+)', roster)
    assert "HRV below own range" in reason
    assert reason in page


@pytest.mark.parametrize("endpoint", ["", "/diary", "/comparison", "/weeks", "/summary"])
def test_every_page_of_a_client_leads_to_the_others(app: Flask, cast: Cast, endpoint: str) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.RECOVERY)
    with morning():
        path = f"/dashboard/clients/{cast.bea.client_id}{endpoint}"
        page = Critic.of(app).sign_in(cast.ann).get(path, follow_redirects=True).text
    (pages,) = re.findall(r'aria-label="Pages of this client".*?</nav>', page, re.DOTALL)
    assert pages.count("<a ") == 5
    assert pages.count('aria-current="page"') == 1
