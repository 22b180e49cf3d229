"""A client brings their data, types over it, and changes their mind."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenGuest
from tests.browser.exports import NOW, archive_of, rows_of
from tests.browser.guest import follow
from tests.browser.people import LINKS, REFUSES, TYPES, UPLOADS
from tests.processes.stage import Stage

pytestmark = pytest.mark.browser
RECOVERY, STRAIN, SLEEP = r"\d+%", r"\d+\.\d", r"\d+ h \d+ min"
SLOW = {
    "name": "slow",
    "effect": {"kind": "slow", "seconds": 2},
    "match": {"path": "/developer/v2/[!u]*"},  # the lists, not the profile
}


@contextmanager
def whoop_takes_its_time(stage: Stage) -> Iterator[None]:
    """Let what WHOOP tells take seconds: a sync is then seen under way, however quick we are."""
    whoop = stage.environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
    httpx.post(f"{whoop}/_simulator/faults", json={"faults": [SLOW]}).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(f"{whoop}/_simulator/faults").raise_for_status()


def badge(page: Page, text: str) -> Locator:
    return page.locator("#whoop-card .badge", has_text=text)


def days_with(page: Page, number: str) -> Locator:
    """Find the days, newest first, that show such a number: no night and no life is complete."""
    return page.locator("tbody tr", has_text=re.compile(number))


def test_a_client_links_whoop_sees_progress_and_then_numbers(
    guest: OpenGuest, installation: Stage
) -> None:
    page = guest(LINKS.email).go_to_whoop(LINKS).page
    with whoop_takes_its_time(installation):
        follow(page.get_by_role("button", name="Allow"))
        expect(page.get_by_text("WHOOP is linked. Your last days are on their")).to_be_visible()
        expect(badge(page, "Syncing")).to_be_visible()
        expect(page.locator("#whoop-card progress")).to_be_visible()
    expect(badge(page, "Linked")).to_be_visible()
    page.goto("/cabinet/days")
    newest = page.locator("tbody a").first.get_attribute("href") or ""
    assert NOW.date() - date.fromisoformat(newest.rpartition("/")[2]) <= timedelta(days=1)
    for number in (RECOVERY, STRAIN, SLEEP):
        assert days_with(page, number).count() > 20


def test_denying_at_whoop_says_plainly_that_nothing_was_linked(guest: OpenGuest) -> None:
    page = guest(REFUSES.email).go_to_whoop(REFUSES).page
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="WHOOP was not linked")).to_be_visible()
    expect(page.get_by_text("You did not agree at WHOOP, so nothing was linked")).to_be_visible()
    page.get_by_role("link", name="Back to integrations").click()
    expect(badge(page, "Not linked")).to_be_visible()


def test_a_client_uploads_their_export_and_sees_what_came_of_each_file(guest: OpenGuest) -> None:
    client = guest(UPLOADS.email)
    client.choose_file("my_whoop_data.zip", archive_of(UPLOADS))
    client.apply_upload()
    page = client.page
    expect(page.get_by_text("Your days are up to date.")).to_be_visible()
    for file in ("physiological_cycles.csv", "sleeps.csv"):
        expect(page.get_by_role("row", name=file)).to_be_visible()
        counts = page.get_by_role("row", name=file).locator("td").all_inner_texts()
        assert sum(map(int, counts)) == rows_of(UPLOADS, file)
        assert int(counts[0]) > 300
        assert counts[-1] == "0"
    page.get_by_role("link", name="See my days").click()
    expect(days_with(page, RECOVERY).first).to_be_visible()


def test_a_typed_value_survives_a_sync_until_whoop_is_believed_again(
    guest: OpenGuest, installation: Stage
) -> None:
    page = guest(TYPES.email).go_to_whoop(TYPES).page
    page.get_by_role("button", name="Allow").click()
    expect(badge(page, "Linked")).to_be_visible()
    page.goto("/cabinet/days")
    follow(days_with(page, SLEEP).first.get_by_role("link"))
    sleep = page.locator("#field-sleep_hours")
    expect(sleep).to_contain_text("WHOOP,")
    of_whoop = written_hours(sleep)
    day = page.url

    sleep.get_by_text("Change Sleep", exact=True).click()
    sleep.get_by_label("Your value").fill("4.25")
    sleep.get_by_role("button", name="Save").click()
    expect(sleep).to_contain_text("Saved")
    assert page.url == day, "changed in its place"

    sync_now(page, installation)
    page.goto(day)
    expect(sleep).to_contain_text("4 h 15 min")
    expect(sleep).to_contain_text(re.compile("you, "))
    expect(sleep).to_contain_text(f"says {of_whoop}")

    sleep.get_by_text("Change Sleep", exact=True).click()
    sleep.get_by_role("button", name="Use WHOOP's value again").click()
    expect(sleep.locator(".day-field__value")).to_have_text(of_whoop)


def sync_now(page: Page, installation: Stage) -> None:
    page.goto("/cabinet/integrations")
    with whoop_takes_its_time(installation):
        page.get_by_role("button", name="Sync now").click()
        expect(badge(page, "Syncing")).to_be_visible()
    expect(badge(page, "Linked")).to_be_visible()


def written_hours(sleep: Locator) -> str:
    found = re.search(SLEEP, sleep.inner_text())
    assert found
    return found[0]
