"""The strip of the last days, the card and the owner's table, as people see and reach them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import follow
from tests.browser.people import OWNER, SHARES

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
SMALL = {"width": 360, "height": 740}


def test_the_strip_fits_the_smallest_phone_and_its_days_can_be_tapped(guest: OpenGuest) -> None:
    client = guest(SHARES.email)
    client.page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    client.page.goto("/cabinet/integrations")
    cells = client.page.locator(".strip__day")
    expect(cells).to_have_count(60)
    assert client.excess_width() == 0
    box = cells.first.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 20
    legend = client.page.locator("#strip .legend li")
    words = " ".join(legend.all_inner_texts())
    assert sum(int(number) for number in re.findall(r"\d+", words)) == 60


def test_the_keyboard_opens_a_day_of_the_strip_that_has_no_score(guest: OpenGuest) -> None:
    page = guest(SHARES.email).page
    page.goto("/cabinet/integrations")
    first = page.locator(".strip__link").first
    if not first.count():
        pytest.skip("every day of this member has a score")
    first.focus()
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/cabinet/days/\d{4}-\d\d-\d\d$"))


def test_the_card_tells_of_the_history_and_of_each_list(guest: OpenGuest) -> None:
    page = guest(SHARES.email).page
    page.goto("/cabinet/integrations")
    card = page.locator("#whoop-card")
    expect(card.get_by_text("History:")).to_be_visible()
    card.get_by_text("What the last sync read").click()
    expect(card.get_by_text("Workouts")).to_be_visible()


def test_the_owner_finds_every_link_from_the_navigation(guest: OpenGuest) -> None:
    owner = guest(OWNER)
    follow(owner.page.get_by_role("link", name="Sync", exact=True).first)
    expect(owner.page.get_by_role("heading", name="Sync")).to_be_visible()
    row = owner.page.get_by_role("row", name=SHARES.name)
    expect(row.locator(".badge")).to_contain_text("Linked")
    for size in (SMALL, {"width": 1280, "height": 800}):
        owner.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert owner.excess_width() == 0
