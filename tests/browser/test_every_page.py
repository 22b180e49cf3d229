"""What holds of every page: axe finds nothing, the keyboard gets everywhere, nothing sticks out."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest
from tests.browser.people import COACH, OWNER, SHARES
from tests.browser.places import addresses
from tests.csv_import.uploader import archived
from tests.factories.exports import years

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
PEOPLE = ("", SHARES.email, COACH, OWNER)
MANY = 40


def pages_of(
    guest: Guest, app: Flask, *known: Mapping[str, str], but: Collection[str] = ()
) -> Iterator[str]:
    """Go to each page that is there for somebody, one after the other."""
    there = {address for each in known for address in addresses(app, each)}
    for address in sorted(there.difference(but)):
        answer = guest.page.request.get(address, max_redirects=0)
        if answer.status == 200 and "text/html" in answer.headers["content-type"]:
            guest.page.goto(address)
            yield address


def about(guest: Guest, email: str) -> list[dict[str, str]]:
    """Find the ids of what somebody's pages are about; what there is not yet is made."""
    if not email:
        return [{}]
    ids = _known_to(guest, email)
    if email == SHARES.email:
        return [ids | {"import_id": each} for each in _imports(guest)]
    guest.page.goto("/organisation/groups")
    guest.page.get_by_label("Name of the group").fill(f"Squad of {email}")
    guest.page.get_by_role("button", name="Make it").click()
    guest.page.wait_for_url("**/organisation/groups/*-*")
    return [ids | {"group_id": guest.page.url.rpartition("/")[2]}]


def _known_to(guest: Guest, email: str) -> dict[str, str]:
    if not email:
        return {}
    if email == SHARES.email:
        return _last(guest, "/cabinet/sharing", "What they see", "membership_id")
    return _last(guest, "/dashboard", SHARES.name, "client_id")


def _last(guest: Guest, address: str, link: str, name: str) -> dict[str, str]:
    """Read an id from the end of where a link leads."""
    guest.page.goto(address)
    href = guest.page.get_by_role("link", name=link).first.get_attribute("href") or ""
    return {name: urlsplit(href).path.rpartition("/")[2]}


def _imports(guest: Guest) -> Iterator[str]:
    """Bring two files nobody brought before: one is applied, and one waits for that."""
    page = guest.page
    for applied in (True, False):
        guest.choose_file("my_whoop_data.zip", archived(years.export(cycles=9, seed=70 + applied)))
        expect(page.get_by_role("button", name="Apply")).to_be_visible()
        if applied:
            guest.apply_upload()
            expect(page.get_by_text("Your days are up to date.")).to_be_visible()
        yield urlsplit(page.url).path.rpartition("/")[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("email", PEOPLE)
def test_no_page_keeps_anybody_out(guest: OpenGuest, app: Flask, email: str) -> None:
    visitor = guest(email)
    found = []
    for address in pages_of(visitor, app, *about(visitor, email)):
        found += [f"{address}: {it}" for it in faults(visitor)]
    assert found == [], "\n".join(found)


def test_every_page_fits_and_the_browser_complains_of_none(guest: OpenGuest, app: Flask) -> None:
    """Of those whose page it is, the first looks at it."""
    looked_at, found = set[str](), []
    for email in (SHARES.email, COACH, OWNER, ""):
        visitor = guest(email)
        for address in pages_of(visitor, app, _known_to(visitor, email), but=looked_at):
            looked_at.add(address)
            for size in (axe.NARROWEST, axe.DESK):
                visitor.page.set_viewport_size(size)
                found += [f"{address} {size['width']}: {it}" for it in visitor.sticking_out()]
    assert found == [], "\n".join(found)
    assert len(looked_at) > MANY, "pages are found by the map of addresses"


@pytest.mark.parametrize(
    ("email", "address"), [("", "/sign-in"), (SHARES.email, "/cabinet"), (COACH, "/dashboard")]
)
def test_the_first_pages_keep_nobody_out(guest: OpenGuest, email: str, address: str) -> None:
    visitor = guest(email)
    visitor.page.goto(address)
    assert faults(visitor) == []


def test_axe_is_the_one_we_chose() -> None:
    assert axe.is_the_one_we_chose()
    assert "Mozilla Public License" in (axe.AXE.parent / "LICENSE").read_text()


def faults(guest: Guest) -> list[str]:
    page = guest.page
    found = axe.violations(page)
    for size in (axe.NARROWEST, axe.WIDEST):
        page.set_viewport_size(size)
        found += [f"sticks out at {size['width']}: {it}" for it in guest.sticking_out()]
    return found + axe.missed_by_keyboard(page)
