"""A check-in without a connection: kept on the device, sent once, and gone after signing out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import follow, wait_for
from tests.browser.people import REFUSES

pytestmark = pytest.mark.browser
UNSENT = re.compile("has not been sent yet")
NO_CONNECTION = "net::ERR_INTERNET_DISCONNECTED"
NO_WORKER = "Service Worker registration blocked"
WAITING = """
async () => {
  const names = (await indexedDB.databases()).map((each) => each.name);
  return names.includes("coach-unsent") ? (await unsent.of(whose)).length : 0;
}
"""
KEPT = """
async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
  return kept;
}
"""


def ready(page: Page) -> None:
    """Wait until the browser's worker looks after the page."""
    page.goto("/cabinet/check-in")
    page.evaluate("() => navigator.serviceWorker.ready")
    page.reload()


def wait_until_sent(page: Page) -> None:
    """Look until nothing waits on the device; wait_for_function takes any promise for a yes."""
    wait_for(page, lambda: page.evaluate(WAITING) == 0)


def answer(page: Page, mood: str, note: str) -> None:
    page.locator(f"input[name=mood][value='{mood}']").check(force=True)
    page.get_by_label("Anything else").fill(note)


def test_an_answer_given_offline_is_sent_once_when_online(guest: OpenGuest) -> None:
    client = guest(REFUSES.email)
    page = client.page
    ready(page)
    page.context.set_offline(True)
    page.goto("/cabinet")
    expect(page.get_by_text("There is no connection.")).to_be_visible()
    assert REFUSES.name not in page.content()
    answer(page, "7", "knee, offline")
    page.get_by_role("button", name="Keep until I am online").click()
    expect(page.get_by_text("Kept on this device.")).to_be_visible()

    page.context.set_offline(False)
    page.goto("/cabinet/check-in")
    wait_until_sent(page)
    page.reload()
    expect(page.get_by_label("Anything else")).to_have_value("knee, offline")
    client.forgive(NO_CONNECTION)


def test_an_open_form_that_loses_its_connection_keeps_the_answer(guest: OpenGuest) -> None:
    client = guest(REFUSES.email)
    page = client.page
    ready(page)
    answer(page, "5", "on the train")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Kept on this device.")).to_be_visible()
    assert page.evaluate(WAITING) == 1
    expect(page.locator("form[action$='/sign-out']")).to_have_attribute("data-confirm", UNSENT)

    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("has not been sent yet")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.context.set_offline(False)
    wait_until_sent(page)
    page.reload()
    expect(page.get_by_label("Anything else")).to_have_value("on the train")
    client.forgive(NO_CONNECTION)


def test_an_answer_that_the_server_could_not_take_is_kept_too(guest: OpenGuest) -> None:
    client = guest(REFUSES.email, service_workers="block")
    page = client.page
    page.goto("/cabinet/check-in")
    away = "**/cabinet/check-in"
    page.route(away, lambda route: route.fulfill(status=502, body="away"))
    answer(page, "4", "the server was away")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Kept on this device.")).to_be_visible()
    page.unroute(away)
    page.reload()
    wait_until_sent(page)
    page.reload()
    expect(page.get_by_label("Anything else")).to_have_value("the server was away")
    client.forgive("status of 502", NO_WORKER)


def test_a_browser_that_keeps_nothing_says_so_and_leaves_what_was_typed(guest: OpenGuest) -> None:
    client = guest(REFUSES.email, service_workers="block")
    page = client.page
    page.goto("/cabinet/check-in")
    page.evaluate(
        "() => { IDBFactory.prototype.open = () => { throw new DOMException('nothing is kept'); }; }"
    )
    answer(page, "3", "nowhere to keep it")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("this browser keeps nothing")).to_be_visible()
    expect(page.get_by_label("Anything else")).to_have_value("nowhere to keep it")
    client.forgive(NO_CONNECTION, NO_WORKER, "nothing is kept")


def test_a_second_tap_takes_an_answer_back(guest: OpenGuest) -> None:
    page = guest(REFUSES.email).page
    page.goto("/cabinet/check-in")
    stress = page.locator("input[name=stress][value='6']")
    step = page.locator(".scale__step", has=stress)
    step.click()
    expect(stress).to_be_checked()
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Saved. You see here")).to_be_visible()
    expect(stress).to_be_checked()
    step.click()
    expect(stress).not_to_be_checked()
    step.click()
    expect(stress).to_be_checked()
    stress.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=stress][value='7']")).to_be_checked()


def test_nothing_of_a_person_is_kept_and_signing_out_clears_it_all(guest: OpenGuest) -> None:
    page = guest(REFUSES.email).page
    ready(page)
    kept = page.evaluate(KEPT)
    assert "/offline" in kept
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline"]
    page.locator("summary", has_text="Your account").click()
    follow(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    left = page.evaluate("async () => [await caches.keys(), await indexedDB.databases()]")
    assert left == [[], []]
