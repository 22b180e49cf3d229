"""What our pages owe everybody: the keyboard, no need of scripts, and silence after leaving."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import axe
from tests.browser.conftest import OpenGuest
from tests.browser.guest import follow
from tests.browser.people import COACH, SCRIPTLESS, SHARES
from tests.csv_import.uploader import archived
from tests.factories.exports import years
from tests.processes.stage import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]


def test_a_page_that_is_not_there_fits_a_phone(guest: OpenGuest) -> None:
    visitor = guest(viewport=axe.PHONE)
    visitor.expect_refusal("/nowhere", 404)
    assert visitor.excess_width() == 0


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
    client.choose_file("my_whoop_data.zip", archived(years.export(cycles=9, seed=3)))
    page = client.page
    expect(page.get_by_role("heading", name="Your upload")).to_be_visible()
    apply = page.get_by_role("button", name="Apply")
    reload_until(apply)
    follow(apply)
    reload_until(page.get_by_text("Your days are up to date."))


def reload_until(shown: Locator) -> None:
    wait_until(lambda: bool(shown.page.reload()) and shown.is_visible(), what="the next step")


def test_without_scripts_a_coach_searches_and_sorts(guest: OpenGuest) -> None:
    page = guest(COACH, javascript=False).page
    page.get_by_label("Find a client").fill("er")
    follow(page.get_by_role("button", name="Search"))
    follow(page.get_by_role("columnheader", name="Name").get_by_role("link"))
    expect(page).to_have_url(re.compile(r"q=er&sort=name$"))
    names = page.locator("#rows .row-link").all_inner_texts()
    assert names == sorted(names)
    assert SHARES.name in names
    page.get_by_label("Find a client").fill("ella")
    follow(page.get_by_role("button", name="Search"))
    expect(page).to_have_url(re.compile(r"q=ella&.*sort=name$"))
    expect(page.locator("#rows .row-link")).to_have_text([SHARES.name])


def test_after_signing_out_going_back_shows_nothing(guest: OpenGuest) -> None:
    page = guest(COACH).page
    follow(page.get_by_role("link", name=SHARES.name))
    expect(page.get_by_role("heading", name=SHARES.name)).to_be_visible()
    page.locator("summary", has_text="Your account").click()
    follow(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(SHARES.name)).to_have_count(0)
