"""A coach reads a client's page by pointer, keyboard and table, and corrects a day."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest, follow
from tests.browser.people import COACH, SHARES

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
SIZES: list[ViewportSize] = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


def open_client(coach: Guest) -> Page:
    page = coach.page
    follow(page.get_by_role("link", name=SHARES.name).first)
    expect(page.get_by_role("heading", name=SHARES.name)).to_be_visible()
    return page


def test_arrows_read_a_chart_day_by_day(guest: OpenGuest) -> None:
    page = open_client(guest(COACH))
    panel = page.get_by_role("region", name="Recovery", exact=True)
    said = panel.locator("[data-readout]")
    panel.locator("[data-plot]").focus()
    page.keyboard.press("Home")
    first = said.inner_text()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(first)
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(first)


def test_each_chart_has_its_table_and_dates_choose_a_range(guest: OpenGuest) -> None:
    page = open_client(guest(COACH))
    panel = page.get_by_role("region", name="Heart rate variability", exact=True)
    panel.get_by_text("As a table").click()
    expect(panel.get_by_role("columnheader", name="own range")).to_be_visible()
    page.get_by_label("From").fill("2026-01-05")
    page.get_by_label("to", exact=True).fill("2026-01-11")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(r"from=2026-01-05&to=2026-01-11"))


@pytest.mark.parametrize("size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.slow)])
def test_a_coach_corrects_a_day_and_the_client_takes_it_back(
    guest: OpenGuest, size: ViewportSize
) -> None:
    coach = guest(COACH)
    page = open_client(coach)
    page.set_viewport_size(size)
    follow(page.locator("#days tbody a").nth(2))
    assert coach.excess_width() == 0
    field = page.locator("#field-skin_temp_celsius")
    field.get_by_text("Change Skin temperature", exact=True).click()
    field.get_by_label("Your value").fill("33.3")
    field.get_by_role("button", name="Save").click()
    expect(field.get_by_text("you,", exact=False)).to_be_visible()
    day = page.url.rpartition("/")[2]
    client = guest(SHARES.email).page
    client.goto(f"/cabinet/days/{day}")
    value = client.locator("#field-skin_temp_celsius")
    typed = value.get_by_text(re.compile(r"coach Anna Berg, \d"))
    expect(typed).to_be_visible()
    value.get_by_text("Change Skin temperature", exact=True).click()
    value.get_by_role("button", name="Use WHOOP's value again").click()
    expect(typed).to_have_count(0)


def test_the_diary_is_one_click_away_and_does_not_stick_out(guest: OpenGuest) -> None:
    coach = guest(COACH)
    page = open_client(coach)
    follow(page.get_by_role("link", name="Diary"))
    expect(page.get_by_role("heading", name="Coaches' notes")).to_be_visible()
    for size in SIZES:
        page.set_viewport_size(size)
        assert coach.excess_width() == 0
    page.get_by_label("New note").fill("Ask about the knee.")
    page.get_by_role("button", name="Keep note").click()
    expect(page.get_by_text("Ask about the knee.")).to_be_visible()
