"""A client brings an export, looks at what it would change, applies it, and takes it back."""

import os
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import OpenGuest
from tests.browser.exports import archive_of
from tests.browser.guest import Guest, follow
from tests.browser.people import IMPORTS, RETURNS
from tests.csv_import.uploader import archived
from tests.factories.exports import years
from tests.factories.exports.table import FIXTURES

pytestmark = pytest.mark.browser
SMALLEST, PHONE = {"width": 360, "height": 740}, {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}
PICTURES = os.environ.get("COACH_PICTURES")  # a folder, to look at what people see


def look(guest: Guest, name: str) -> None:
    """See that nothing sticks out on a phone and at a desk, light and dark; keep pictures if asked."""
    for size, called in ((PHONE, ""), (SMALLEST, "phone"), (DESK, "desktop")):
        guest.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert guest.excess_width() == 0, (name, called)
        if PICTURES and called:
            for scheme in ("light", "dark"):
                guest.page.emulate_media(color_scheme=scheme)
                guest.page.wait_for_timeout(500)  # colours change slowly
                path = Path(PICTURES) / f"import-{name}-{called}-{scheme}.png"
                guest.page.screenshot(path=path, full_page=True)


def type_strain(page: Page, day: str) -> None:
    page.goto(f"/cabinet/days/{day}")
    field = page.locator("#field-strain")
    field.get_by_text("Change Strain").click()
    field.get_by_label("Your value").fill("3.3")
    field.get_by_role("button", name="Save").click()
    expect(field.get_by_role("status")).to_contain_text("Saved")


def test_a_client_looks_at_a_preview_and_applies_it(guest: OpenGuest) -> None:
    client = guest(IMPORTS.email)
    page = client.page
    typed_on = (date.today() - timedelta(days=5)).isoformat()  # noqa: DTZ011  # any day
    type_strain(page, typed_on)
    client.choose_file("my_whoop_data.zip", archive_of(IMPORTS))
    expect(page.get_by_text("Nothing has changed yet")).to_be_visible()
    expect(page.get_by_role("heading", name="Day by day: Changed")).to_be_visible()
    expect(page.get_by_text("stays 3.3, as you typed it; the file says")).to_be_visible()
    look(client, "preview")
    follow(page.get_by_role("link", name=re.compile(r"\d+ New")))
    follow(page.get_by_role("link", name="Older"))
    expect(page.get_by_text(re.compile(r"Page 2 of \d+"))).to_be_visible()
    page.locator("summary", has_text="more value").first.click()
    look(client, "days")
    client.apply_upload()
    expect(page.get_by_text("Your days are up to date.")).to_be_visible()
    look(client, "report")
    page.goto(f"/cabinet/days/{typed_on}")
    expect(page.get_by_role("heading", name="Sleeps and naps")).to_be_visible()
    look(client, "day")


def test_a_client_takes_an_import_back_and_discards_another(guest: OpenGuest) -> None:
    client, nine_days = guest(RETURNS.email), archived(years.export(cycles=9, seed=2))
    page = client.page
    client.choose_file("my_whoop_data.zip", nine_days)
    client.apply_upload()
    expect(page.get_by_text("Your days are up to date.")).to_be_visible()
    client.choose_file("my_whoop_data.zip", nine_days)
    expect(page.get_by_text("You uploaded this very file on")).to_be_visible()

    follow(page.get_by_role("link", name="Undo this import"))
    expect(page.get_by_text("what you typed by hand, and your check-ins")).to_be_visible()
    look(client, "undo")
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("days changed")).to_be_visible()
    look(client, "undone")

    client.choose_file("again.zip", archived(years.export(cycles=9, seed=1)))
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(page.get_by_text("no day changed.")).to_be_visible()
    for word in ("Undone", "Discarded"):
        expect(page.locator(".badge", has_text=word)).to_be_visible()
    look(client, "history")


def test_sending_shows_how_far_it_is_and_can_be_stopped(guest: OpenGuest) -> None:
    client = guest(IMPORTS.email)
    page = client.page
    held: list[Route] = []

    def hold(route: Route, request: Request) -> None:
        held.append(route) if request.method == "POST" else route.continue_()

    page.route("**/cabinet/imports", hold)
    with page.expect_request(lambda request: request.method == "POST"):
        client.choose_file("my_whoop_data.zip", archive_of(IMPORTS))
    said = page.locator("[data-sending] label")
    expect(said).to_contain_text(re.compile(r"of 0\.\d MB sent|being stored"))
    look(client, "sending")
    page.get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("button", name="Stop sending")).to_be_hidden()
    expect(page.get_by_role("button", name="Upload")).not_to_have_attribute("aria-busy", "true")
    for route in held:
        route.abort()


def test_what_is_wrong_is_said_in_place_and_the_choices_stay(guest: OpenGuest) -> None:
    client = guest(IMPORTS.email)
    page = client.page
    page.goto("/cabinet/imports")
    expect(page.get_by_text("The journal holds intimate answers.")).to_be_visible()
    look(client, "form")
    page.get_by_role("checkbox", name="Sleep").check()
    empty = {"name": "a.csv", "mimeType": "text/csv", "buffer": b""}
    page.locator("input[type=file]").set_input_files(empty)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("This one was empty.")
    expect(page.get_by_role("checkbox", name="Sleep")).to_be_checked()
    look(client, "problem")
    client.forgive("status of 422")


def test_a_file_that_is_no_export_is_refused_in_words(guest: OpenGuest) -> None:
    client = guest(IMPORTS.email)
    client.choose_file("notes.pdf", b"%PDF-1.7 ")
    expect(client.page.get_by_text("This is a PDF.")).to_be_visible()
    look(client, "refused")


@pytest.mark.slow
def test_every_refusal_fits_every_screen_and_says_what_to_do(guest: OpenGuest) -> None:
    client = guest(IMPORTS.email)
    refused = {it.refusal: it for it in FIXTURES.values() if it.refusal}
    for refusal, fixture in refused.items():
        client.choose_file("my_whoop_data.zip", fixture.content)
        expect(client.page.get_by_text("Nothing was imported")).to_be_visible()
        look(client, f"refused-{refusal}")
