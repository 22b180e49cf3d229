"""What every page owes everybody: its width, the keyboard, no script, and silence after leaving."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenGuest
from tests.browser.exports import archive_of
from tests.browser.guest import EXPECT_WITHIN_MS, Guest
from tests.browser.people import COACH, SCRIPTLESS, SHARES

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
OF_A_CLIENT = (
    "/cabinet",
    "/cabinet/days",
    "/cabinet/integrations",
    "/cabinet/imports",
    "/cabinet/sharing",
    "/cabinet/whoop/connect",
    "/cabinet/whoop/disconnect",
    "/account",
)


def too_wide(guest: Guest, *paths: str) -> list[tuple[str, int, int]]:
    """Visit pages on a phone and at a desk; which of them stick out, and how far."""
    found = []
    for path in paths:
        guest.page.goto(path)
        for size in (PHONE, DESK):
            guest.page.set_viewport_size(size)  # type: ignore[arg-type]
            if excess := guest.excess_width():
                found.append((path, size["width"], excess))
    return found


def test_no_page_of_a_visitor_sticks_out(guest: OpenGuest) -> None:
    visitor = guest()
    assert too_wide(visitor, "/sign-in", "/forgot") == []
    visitor.expect_refusal("/nowhere", 404)
    visitor.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert visitor.excess_width() == 0


def test_no_page_of_a_client_sticks_out(guest: OpenGuest) -> None:
    client = guest(SHARES.email)
    client.page.goto("/cabinet/days")
    day = client.page.locator("tbody a").first.get_attribute("href") or ""
    assert too_wide(client, *OF_A_CLIENT, day) == []


def test_no_page_of_a_coach_sticks_out(guest: OpenGuest) -> None:
    coach = guest(COACH)
    of_ella = coach.page.get_by_role("link", name=SHARES.name).get_attribute("href") or ""
    ranges = [f"{of_ella}?days={days}" for days in (7, 30, 365)]
    assert too_wide(coach, "/dashboard", *ranges, "/people", "/account") == []


def test_the_keyboard_reaches_the_skip_link_first_and_enter_signs_in(guest: OpenGuest) -> None:
    page = guest().page
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(COACH)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Roster")).to_be_visible()


def test_without_scripts_a_client_signs_in_and_uploads(guest: OpenGuest) -> None:
    client = guest(SCRIPTLESS.email, javascript=False)
    client.choose_file("my_whoop_data.zip", archive_of(SCRIPTLESS))
    page = client.page
    expect(page.get_by_role("heading", name="Your upload")).to_be_visible()
    reload_until_done(page)
    client.apply_upload()
    reload_until_done(page)
    expect(page.get_by_text("Your days are up to date.")).to_be_visible()


def reload_until_done(page: Page) -> None:
    give_up = time.monotonic() + EXPECT_WITHIN_MS / 1000
    while page.get_by_role("progressbar").is_visible() and time.monotonic() < give_up:
        page.reload()


def test_without_scripts_a_coach_searches_and_sorts(guest: OpenGuest) -> None:
    page = guest(COACH, javascript=False).page
    page.get_by_label("Find a client").fill("er")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"q=er&sort=name$"))
    names = page.locator("#rows .row-link").all_inner_texts()
    assert names == sorted(names)
    assert SHARES.name in names
    page.get_by_label("Find a client").fill("ella")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"q=ella&.*sort=name$"))
    expect(page.locator("#rows .row-link")).to_have_text([SHARES.name])


def test_after_signing_out_going_back_shows_nothing(guest: OpenGuest) -> None:
    page = guest(COACH).page
    page.get_by_role("link", name=SHARES.name).click()
    expect(page.get_by_role("heading", name=SHARES.name)).to_be_visible()
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(SHARES.name)).to_have_count(0)
