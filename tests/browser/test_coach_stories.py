"""A coach looks at those who let them, and at nobody else."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest, follow
from tests.browser.people import CLIENTS, COACH, KEEPS, SHARES, STANDS_OUT, STRANGER
from tests.processes.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("kept_back")]
NUMBER = re.compile(r"\d+%|\d+\.\d|\d h|\d+ (ms|bpm)")
NAMES = sorted(client.name for client in CLIENTS)
MOST_CLICKS = 2
PHONE, DESK = (390, 844), (1280, 800)
COUNT_CLICKS = """
addEventListener("click", () => (sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0)), true)
"""


@pytest.fixture(scope="module")
def kept_back(chromium: Browser, app: Flask, lived_in: Stage) -> None:
    """Fred has days, and takes back that his coach may see them."""
    context = chromium.new_context(base_url=lived_in.environment["BASE_URL"])
    page = Guest.of(context, app).sign_in(KEEPS.email).page
    page.goto("/cabinet/sharing")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".alert--success")).to_be_visible()
    context.close()


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def names_on(page: Page) -> Locator:
    return page.locator("#rows .row-link")


def sort_by(page: Page, column: str, turned: str) -> None:
    """Click on a header; its answer is there when the header says that it sorts."""
    header = page.get_by_role("columnheader", name=column)
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", turned)


def open_client(page: Page, name: str) -> None:
    follow(page.get_by_role("link", name=name))
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def address_of(page: Page, name: str) -> str:
    return page.get_by_role("link", name=name).get_attribute("href") or ""


def test_the_coach_sees_numbers_of_those_who_consented_and_of_nobody_else(
    guest: OpenGuest,
) -> None:
    page = guest(COACH).page
    assert sorted(names_on(page).all_inner_texts()) == NAMES
    shared = row_of(page, SHARES.name)
    expect(shared.locator(".recovery").first).to_be_visible()
    expect(shared).to_contain_text(NUMBER)
    kept = row_of(page, KEEPS.name)
    expect(kept).to_contain_text("Shares nothing with you yet")
    expect(kept).not_to_contain_text(NUMBER)


def test_typing_finds_a_client_and_the_address_can_be_shared(guest: OpenGuest) -> None:
    coach = guest(COACH)
    page = coach.page
    page.get_by_label("Find a client").press_sequentially("ella s")
    page.wait_for_url(re.compile(r"\?q=ella(\+|%20)s&"))
    expect(names_on(page)).to_have_text([SHARES.name])
    page.reload()
    expect(names_on(page)).to_have_text([SHARES.name])
    expect(page.get_by_label("Find a client")).to_have_value("ella s")
    page.get_by_label("Find a client").fill("nobody of this name")
    page.wait_for_url(re.compile(r"\?q=nobody"))
    expect(page.get_by_text("No client by that name")).to_be_visible()
    page.go_back()
    expect(names_on(page)).to_have_text([SHARES.name])


def test_a_click_on_a_header_sorts_and_another_turns_it_round(guest: OpenGuest) -> None:
    page = guest(COACH).page
    for turned, address, names in (
        ("ascending", "**?sort=name", NAMES),
        ("descending", "**?sort=-name", NAMES[::-1]),
    ):
        sort_by(page, "Name", turned)
        page.wait_for_url(address)
        expect(names_on(page)).to_have_text(names)
    sort_by(page, "Sleep", "ascending")
    page.wait_for_url("**?sort=sleep")
    names = names_on(page).all_inner_texts()
    assert names.index(SHARES.name) < names.index(KEEPS.name), "who has no value comes last"


def test_the_coach_opens_a_client_and_chooses_another_range(guest: OpenGuest) -> None:
    page = guest(COACH).page
    open_client(page, SHARES.name)
    body, ranges = page.locator("#client-body"), page.get_by_role("navigation", name="Range")
    expect(ranges.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    month = body.locator("#days tbody tr").count()
    ranges.get_by_role("link", name="7 days", exact=True).click()
    page.wait_for_url("**?days=7")
    expect(body.get_by_text("of 7 days").first).to_be_visible()
    assert 0 < body.locator("#days tbody tr").count() <= 7 < month
    expect(body.get_by_text("Values are data by WHOOP unless marked otherwise")).to_be_visible()
    page.go_back()
    expect(ranges.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")


def test_a_client_who_keeps_their_days_has_an_empty_page(guest: OpenGuest) -> None:
    page = guest(COACH).page
    open_client(page, KEEPS.name)
    expect(page.get_by_text("Nothing to see in these days")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


def test_a_coach_of_another_organisation_sees_nobody(guest: OpenGuest) -> None:
    address = address_of(guest(COACH).page, SHARES.name)
    stranger = guest(STRANGER)
    expect(stranger.page.get_by_text("No clients yet")).to_be_visible()
    stranger.expect_refusal(address, 404)
    expect(stranger.page.get_by_text(SHARES.name)).to_have_count(0)
    stranger.page.goto("/dashboard?q=ella")
    expect(stranger.page.get_by_text("No client by that name")).to_be_visible()


@pytest.mark.parametrize("size", [pytest.param(PHONE, marks=pytest.mark.slow), DESK])
def test_the_keyboard_finds_a_client_and_a_note_is_kept_in_place(
    guest: OpenGuest, size: tuple[int, int]
) -> None:
    coach = guest(COACH)
    page = coach.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.keyboard.press("/")
    expect(page.get_by_label("Find a client")).to_be_focused()
    page.keyboard.type("ella")
    # The rows of all four letters: those of fewer look the same, and are about to be replaced.
    expect(page.locator("#rows[hx-get*='q=ella']").get_by_role("rowheader")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=SHARES.name)).to_be_focused()
    page.get_by_role("link", name="Reply, note or tag").click()
    note = page.get_by_label("Note for coaches")
    expect(note).to_be_focused()
    page.keyboard.type("Ask about the knee")
    assert coach.excess_width() == 0
    page.get_by_role("button", name="Keep note").click()
    expect(page.get_by_text("Note kept.")).to_be_visible()
    expect(page.get_by_role("link", name=SHARES.name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SHARES.name)).to_be_visible()


def test_the_counters_filter_and_keep_what_was_searched_for(guest: OpenGuest) -> None:
    page = guest(COACH).page
    states = page.get_by_role("navigation", name="State")
    page.get_by_label("Find a client").fill("fred")
    expect(names_on(page)).to_have_text([KEEPS.name])
    states.get_by_role("link", name="No data").click()
    page.wait_for_url("**?q=fred&state=no_data")
    expect(page.get_by_text("Nobody here")).to_be_visible()
    states.get_by_role("link", name="All").click()
    expect(names_on(page)).to_have_text([KEEPS.name])


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.slow)])
def test_the_reason_behind_the_first_exception_is_at_most_two_clicks_away(
    guest: OpenGuest, size: tuple[int, int]
) -> None:
    visitor = guest(viewport={"width": size[0], "height": size[1]})
    visitor.page.context.add_init_script(COUNT_CLICKS)
    page = visitor.sign_in(COACH).page  # which leads to the roster
    page.evaluate("sessionStorage.clicks = 0")
    first = page.locator("#rows .who").first
    expect(first.locator(".state")).to_have_text("Needs attention")
    expect(first.locator(".state")).to_be_in_viewport()  # nobody has to scroll to see who it is
    reason = first.locator(".roster__reasons").inner_text().partition(";")[0]
    first.locator(".row-link").click()
    signal = page.get_by_role("region", name="What stands out").locator("details").first
    expect(signal.locator("summary")).to_have_text(reason)
    expect(signal.locator("dl.facts")).to_contain_text("Own range")
    assert 1 <= int(page.evaluate("sessionStorage.clicks")) <= MOST_CLICKS


def test_who_is_out_of_pattern_is_told_with_the_numbers_behind_it(guest: OpenGuest) -> None:
    page = guest(COACH).page
    row = page.locator("#rows .who").filter(has_text=STANDS_OUT.name)
    expect(row.locator(".roster__reasons")).to_contain_text("HRV below own range, 7 days")
    row.locator(".row-link").click()
    signal = page.locator("details.signal[open]").filter(has_text="HRV below own range, 7 days")
    expect(signal).to_contain_text("45 ms")
    expect(signal).to_contain_text("60 known days, well founded")


def test_the_way_back_from_a_client_keeps_the_roster_as_it_was_left(guest: OpenGuest) -> None:
    page = guest(COACH).page
    page.goto("/dashboard?q=nora&sort=-name&density=compact")
    open_client(page, STANDS_OUT.name)
    page.get_by_role("link", name="7 days", exact=True).click()
    page.wait_for_url(re.compile(r"\?days=7&"))
    follow(page.get_by_role("link", name="Diary"))
    follow(page.get_by_role("button", name="Show"))
    page.get_by_role("link", name="Roster").last.click()
    page.wait_for_url("**?q=nora&sort=-name&density=compact")


def test_a_day_an_order_and_a_density_are_an_address_each(guest: OpenGuest) -> None:
    page = guest(COACH).page
    page.get_by_role("link", name="Compact").click()
    page.wait_for_url("**?density=compact")
    expect(page.locator(".roster--compact")).to_be_visible()
    before = (datetime.now(UTC) - timedelta(days=9)).date().isoformat()
    page.get_by_label("Day", exact=True).fill(before)
    page.wait_for_url(re.compile(rf"date={before}"))
    expect(page.locator("#rows")).to_contain_text("Back to today")
    page.get_by_role("columnheader", name="Recovery").get_by_role("link").click()
    page.wait_for_url(f"**?sort=recovery&date={before}&density=compact")
    page.get_by_role("link", name="Back to today").click()
    page.wait_for_url("**?sort=recovery&density=compact")


def test_arrows_go_from_client_to_client_and_enter_opens_one(guest: OpenGuest) -> None:
    page = guest(COACH).page
    page.goto("/dashboard?sort=name")
    for key, at in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=NAMES[at])).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=NAMES[1])).to_be_visible()
