"""A coach tries rules, is told of a client, puts one alert off and marks another as seen."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, ViewportSize, expect

from coach.accounts import people
from coach.accounts.models import Client
from coach.alerts import coaches, raising
from coach.alerts.models import AlertRule
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.browser import axe
from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest, follow
from tests.browser.southside import COACH, Resident, arrives, move_in, share_everything
from tests.insights.lives import TODAY, Made, steady

pytestmark = pytest.mark.browser
LIGHT, DARK = ("light", axe.DESK), ("dark", axe.NARROWEST)
LOW = Made({"hrv": steady("hrv", then=[45.0] * 7)})
A_DAY = timedelta(days=1)
RANGE, DAY = "HRV below own range, 7 days", re.compile("HRV far below usual on 3 of 3 days")


def out_of_pattern(app: Flask) -> Resident:
    """Let somebody move in whose last week lies below their own range, and who shares it."""
    lives = move_in(app, "en", days=0)
    share_everything(app, lives)
    moved = datetime.now(UTC).date() - TODAY
    arrives(app, lives, {day + moved: values for day, values in LOW.days()})
    return lives


def let_a_worker_look(app: Flask, lives: Resident) -> None:
    with app.app_context(), acting_for(lives.organisation_id):
        coaches.give_everybody_a_rule()
        vera = people.member_by_email(COACH)
        assert vera
        rule = db.session.scalars(db.select(AlertRule).where(AlertRule.coach_id == vera.id)).one()
        raising.look(rule.id, now=datetime.now(UTC))
        db.session.commit()
        db.session.remove()


def rename(app: Flask, lives: Resident, name: str) -> None:
    with app.app_context(), acting_for(lives.organisation_id):
        key = (lives.organisation_id, lives.client_id)
        db.session.get_one(Client, key).name = name
        db.session.commit()
        db.session.remove()


def looks(guest: OpenGuest, scheme: str, size: ViewportSize) -> Guest:
    return guest(COACH, color_scheme=scheme, viewport=size, reduced_motion="reduce")


def judge(coach: Guest) -> None:
    assert axe.violations_now(coach.page) == []
    assert coach.sticking_out() == []


def line(page: Page, lives: Resident, said: str | re.Pattern[str]) -> Locator:
    name = page.locator("bdi").filter(has_text=re.compile(f"^{lives.name}$"))
    return page.locator("article").filter(has=name).filter(has_text=said)


def go_to_alerts(page: Page) -> None:
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Alerts"))
    expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()


@pytest.mark.parametrize(("scheme", "size"), [LIGHT, pytest.param(*DARK, marks=pytest.mark.slow)])
def test_a_rule_says_what_it_would_mean_before_it_is_saved(
    guest: OpenGuest, app: Flask, scheme: str, size: ViewportSize
) -> None:
    lives = out_of_pattern(app)
    coach = looks(guest, scheme, size)
    page = coach.page
    go_to_alerts(page)
    follow(page.get_by_role("link", name="Rules"))
    preview = page.get_by_role("region", name="What that would mean")
    expected = preview.get_by_text(re.compile(r"Expect about .* chance alerts a week"))
    for sds in ("1.5", "3.0"):
        before = expected.inner_text()
        page.get_by_label("A single day is far out from").select_option(sds)
        expect(expected).not_to_have_text(before)
    theirs = preview.locator("details").filter(has_text=f"{lives.name}:")
    theirs.locator("summary").click()
    expect(theirs.get_by_text("HRV below own range").first).to_be_visible()
    judge(coach)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. The next look")).to_be_visible()
    expect(page.get_by_label("A single day is far out from")).to_have_value("3.0")


@pytest.mark.parametrize(("scheme", "size"), [pytest.param(*LIGHT, marks=pytest.mark.slow), DARK])
def test_an_alert_is_put_off_another_seen_and_the_client_page_says_so(
    guest: OpenGuest, app: Flask, scheme: str, size: ViewportSize
) -> None:
    lives = out_of_pattern(app)
    let_a_worker_look(app, lives)
    coach = looks(guest, scheme, size)
    page = coach.page
    go_to_alerts(page)
    judge(coach)
    far = line(page, lives, DAY)
    far.get_by_text("Later").click()
    far.get_by_label("Put off until").fill((datetime.now(UTC) + A_DAY).date().isoformat())
    far.get_by_role("button", name="Put off").click()
    expect(line(page, lives, re.compile(r"Put off until \w+ \d"))).to_be_visible()
    line(page, lives, RANGE).get_by_role("button", name="Seen").click()
    expect(line(page, lives, "Seen by Vera")).to_be_visible()
    judge(coach)
    follow(line(page, lives, RANGE).get_by_role("link"))
    why = page.get_by_role("region", name="What stands out")
    expect(why.get_by_text(RANGE)).to_have_count(1)
    expect(why).to_contain_text("Seen by Vera")
    expect(why).to_contain_text("Put off until")
    judge(coach)


def test_without_leaving_the_client_and_without_scripts(guest: OpenGuest, app: Flask) -> None:
    lives = out_of_pattern(app)
    let_a_worker_look(app, lives)
    coach = guest(COACH, javascript=False)
    coach.page.goto(f"/dashboard/clients/{lives.client_id}")
    why = coach.page.get_by_role("region", name="What stands out")
    why.get_by_role("button", name="Seen").first.click()
    expect(why).to_contain_text("Seen by Vera")


@pytest.mark.parametrize(
    "name",
    [
        "W" * 90,
        pytest.param("Maximiliane-Charlotte " * 6, marks=pytest.mark.slow),
        pytest.param("عبد الرحمن بن خلدون الحضرمي", marks=pytest.mark.slow),
    ],
)
def test_no_name_is_too_long_for_a_page(guest: OpenGuest, app: Flask, name: str) -> None:
    lives = out_of_pattern(app)
    let_a_worker_look(app, lives)
    rename(app, lives, name.strip())
    client = f"/dashboard/clients/{lives.client_id}"
    pages = (
        *("/dashboard", "/dashboard/alerts", "/dashboard/alerts/rules", "/dashboard/weeks", client),
        *(f"{client}/{each}" for each in ("diary", "comparison", "weeks", "summary")),
    )
    coach = guest(COACH)
    found = []
    for path in pages:
        coach.page.goto(path)
        coach.page.evaluate(
            "document.querySelectorAll('details').forEach((it) => (it.open = true))"
        )
        for size in (axe.NARROWEST, axe.DESK):
            coach.page.set_viewport_size(size)
            found += [f"{path} {size['width']}: {it}" for it in coach.sticking_out()]
    rename(app, lives, lives.name)
    assert found == []
