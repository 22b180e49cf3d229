"""How data and people come in, in each language: by the link, by the file, by a coach's list."""

from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import expect

from coach.whoop.models import Status
from tests.browser.conftest import OpenGuest
from tests.browser.guest import follow
from tests.browser.southside import another_coach, link_stands
from tests.browser.visit import Visit, come, everywhere, resident
from tests.csv_import.uploader import archived
from tests.factories.exports import years
from tests.processes.stage import wait_until

pytestmark = pytest.mark.browser
MEMBER = "hugo"


@pytest.mark.parametrize(("locale", "size"), everywhere(("es", "phone")))
def test_the_link_is_denied_made_refused_to_another_used_and_cut(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size, days=0)
    card = visit.page.locator("#whoop-card")
    go_to_whoop(visit, "Deny")
    visit.reads("You did not agree at WHOOP, so nothing was linked and nothing was fetched.")
    go_to_whoop(visit, "Allow")
    expect(card.locator(".badge", has_text=visit.words("Linked"))).to_be_visible()
    visit.look()
    other, _other = resident(guest, app, locale, size, days=0)
    go_to_whoop(other, "Allow")
    other.reads("This WHOOP account cannot be linked here. Ask your coach for help.")
    other.guest.forgive("status of 409")
    visit.press("Sync now")
    expect(card.locator(".badge", has_text=visit.words("Linked"))).to_be_visible()
    visit.go("/cabinet/whoop/disconnect")
    visit.page.locator("input[name=history][value=delete]").check()
    visit.press("Disconnect WHOOP")
    visit.reads("WHOOP is disconnected and our access is erased. WHOOP will be told.")
    expect(card.locator(".badge", has_text=visit.words("Not linked"))).to_be_visible()
    assert visit.faults + other.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_link_that_does_not_work_says_what_to_do(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    for status, said in (
        (Status.RECONNECT_NEEDED, "Link WHOOP again"),
        (Status.ERROR, "Needs attention"),
        (Status.DISCONNECTED, "Not linked"),
    ):
        link_stands(app, mila, status)
        for path in ("/cabinet/integrations", "/cabinet"):
            visit.go(path)
            expect(visit.page.locator("#whoop-card")).to_contain_text(visit.words(said))
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere(("es", "desk")))
def test_an_export_is_looked_at_applied_and_taken_back(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size, days=0)
    page = visit.page
    visit.go("/cabinet/imports")
    content = archived(years.export(cycles=9, naps=1, workouts=3, answers=0, seed=1))
    file = {"name": "my_whoop_data.zip", "mimeType": "application/zip", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("main form[enctype] button[type=submit]").first.click()
    expect(page.get_by_role("button", name=visit.words("Apply"), exact=True)).to_be_visible()
    visit.look()
    visit.press("Apply")
    visit.reads("Your days are up to date. What you typed by hand was not touched.")
    visit.press("Undo this import")
    page.wait_for_url("**/undo")
    visit.look()
    follow(page.get_by_role("button", name=visit.words("Undo this import")))
    undone = page.locator(".badge", has_text=visit.words("Undone"))
    wait_until(
        lambda: bool(page.goto("/cabinet/imports")) and undone.count() > 0, what="the undoing"
    )
    visit.look()
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere(("ru", "phone")))
def test_a_list_is_invited_sent_again_and_withdrawn(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    run = uuid4().hex[:8]
    rows = [f"Gil Guest, gil-{run}@south.example", f"again, gil-{run}@south.example", "Nobody"]
    visit = come(guest, locale, size, "again", "Nobody", "nobody")
    visit.guest.sign_in(another_coach(app, locale))
    visit.go("/invitations/many")
    visit.page.locator("textarea[name=list]").fill("\n".join(rows))
    visit.press("Send the invitations")
    results = visit.page.locator("tbody tr td:last-child")
    said = ("invited", "twice on this list", "not an e-mail address")
    expect(results).to_have_text([visit.words(each) for each in said])
    visit.look()
    visit.go("/people")
    mine = visit.page.locator("li", has_text=f"gil-{run}@south.example")
    mine.get_by_role("button", name=visit.words("Send again")).click()
    visit.reads("Sent again. The link works for seven days from now.")
    mine.get_by_role("button", name=visit.words("Withdraw")).click()
    expect(visit.page.get_by_text(f"gil-{run}@south.example")).to_have_count(0)
    assert visit.faults == []


def go_to_whoop(visit: Visit, decision: str) -> None:
    """Agree, go on to WHOOP, and decide there as its member."""
    visit.page.goto("/cabinet/whoop/connect")
    visit.page.locator("input[name=agree]").check()
    visit.press("Continue to WHOOP")
    visit.page.get_by_role("button", name=f"Sign in as {MEMBER.title()}").click()
    visit.page.get_by_role("button", name=decision).click()
