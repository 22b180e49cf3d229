"""The client's days, check-in, sharing and preferences, in each language, on a phone and at a desk."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from coach.database.tenancy import acting_for
from coach.days.editing import FieldEdit, type_field
from coach.extensions import db
from tests.browser.conftest import OpenGuest
from tests.browser.guest import follow
from tests.browser.southside import COACH, Resident, days_ago, move_in
from tests.browser.test_offline_check_in import NO_CONNECTION, ready, wait_until_sent
from tests.browser.visit import Visit, come, everywhere, resident

pytestmark = pytest.mark.browser
YESTERDAY = days_ago(1)
RECOVERY = re.compile(r"70\s?%")


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_today_shows_the_day_and_what_is_different_about_it(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size)
    visit.go("/cabinet")
    expect(visit.page.locator(".dials")).to_contain_text("70")
    visit.page.locator("summary", has_text=visit.words("What these numbers mean")).click()
    visit.press("Ill")
    visit.reads("Take back")
    visit.press("Take back")
    expect(visit.text("Take back")).to_have_count(0)
    visit.press("Show trends only")
    expect(visit.page.locator(".dials")).to_have_count(0)
    visit.reads("Your last seven days")
    visit.press("Show daily scores")
    expect(visit.page.locator(".dials")).to_be_visible()
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_who_has_no_number_is_shown_the_two_ways_in(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size, days=0)
    visit.reads("No numbers yet")
    visit.press("Choose how your data arrives")
    visit.reads("How your data arrives")
    for path in ("/cabinet/days", "/cabinet/integrations", "/cabinet/imports", "/cabinet/data"):
        visit.go(path)
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere(("ru", "phone")))
def test_a_value_is_typed_emptied_given_back_and_its_history_read(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size)
    visit.go("/cabinet/days")
    follow(visit.page.locator(f".weeks a[href$='{YESTERDAY}']"))
    hrv = visit.page.locator("#field-hrv")
    expect(hrv).to_contain_text("WHOOP,")
    type_value(visit, hrv, "71")
    expect(hrv).to_contain_text(f"{visit.words('you')}, ")
    visit.look()
    open_form(hrv)
    hrv.get_by_role("button", name=visit.words("Empty on purpose")).click()
    # The line that tells it, not the button of that name: then the answer has come.
    expect(hrv.locator("p.quiet").first).to_contain_text(visit.words("empty on purpose"))
    open_form(hrv)
    hrv.get_by_role("button", name=visit.words("Use WHOOP's value again")).click()
    expect(hrv).not_to_contain_text(f"{visit.words('you')}, ")
    hrv.get_by_role("link").click()
    expect(hrv.locator("ol li")).to_have_count(3)
    open_form(hrv)
    hrv.locator("input[name=value]").fill("900")
    hrv.get_by_role("button", name=visit.words("Save"), exact=True).click()
    expect(hrv.locator(".field__error")).to_be_visible()
    visit.guest.forgive("status of 422")
    visit.look()
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere(("es", "desk")))
def test_two_in_one_field_see_both_values_and_the_client_undoes_the_coachs(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    visit.page.goto(f"/cabinet/days/{YESTERDAY}")
    hrv = visit.page.locator("#field-hrv")
    _coach_types(app, mila, 55)
    type_value(visit, hrv, "71", saved=False)
    expect(hrv).to_contain_text(visit.words("Somebody changed this first"))
    expect(hrv.locator("input[name=value]")).to_have_value("71")
    visit.guest.forgive("status of 409")
    visit.look()
    coach = visit.words("coach %(name)s", name="Vera")
    expect(hrv).to_contain_text(f"{coach}, ")
    hrv.get_by_role("button", name=visit.words("Undo what %(who)s typed", who=coach)).click()
    expect(hrv).not_to_contain_text("Vera")
    expect(hrv).to_contain_text("WHOOP,")
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_check_in_is_given_online_and_without_a_connection(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    page = visit.page
    visit.go("/cabinet/check-in")
    answer(page, "6", "online")
    visit.press("Save")
    expect(page.locator(".alert--success:visible")).to_have_count(1)
    page.goto("/cabinet/check-in")
    expect(page.locator("#note")).to_have_value("online")
    ready(page)
    page.context.set_offline(True)
    page.goto("/cabinet")
    expect(visit.text("There is no connection. You can answer all the same: it is sent when you are back online.")).to_be_visible()  # fmt: skip
    assert mila.name not in page.content()
    visit.look()
    answer(page, "8", "offline")
    visit.press("Keep until I am online")
    expect(page.locator("[data-kept]")).to_be_visible()
    page.context.set_offline(False)
    page.goto("/cabinet/check-in")
    wait_until_sent(page)
    page.reload()
    expect(page.locator("#note")).to_have_value("offline")
    visit.guest.forgive(NO_CONNECTION)
    visit.go("/cabinet/tags")
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere(("es", "phone")))
def test_what_is_shared_is_what_the_coach_sees_and_the_look_is_told(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    visit.go("/cabinet/sharing")
    visit.page.locator("input[name=share][value=recovery]").check()
    visit.press("Save")
    expect(visit.page.locator(".alert--success")).to_be_visible()
    visit.press("What they see")
    expect(visit.page.locator(".preview").first).to_contain_text(RECOVERY)
    visit.look()
    expect(visit.page.locator("main")).not_to_contain_text("11.0")
    vera = come(guest, "en", "desk")
    vera.guest.sign_in(COACH)
    vera.page.goto(f"/dashboard/clients/{mila.client_id}")
    expect(vera.page.locator("main")).to_contain_text(RECOVERY)
    visit.go("/cabinet/sharing/log")
    expect(visit.page.locator(".log")).to_contain_text("Vera")
    visit.page.goto("/cabinet/sharing")
    visit.page.locator("input[name=share][value=recovery]").uncheck()
    visit.press("Save")
    expect(visit.page.locator(".alert--success")).to_be_visible()
    vera.page.reload()
    expect(vera.page.locator("main")).not_to_contain_text(RECOVERY)
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_language_units_and_theme_are_chosen_and_devices_signed_out(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    mila = move_in(app, "en")
    visit, other = come(guest, locale, size, mila.name), come(guest, locale, size)
    for each in (visit, other):
        each.sign_in(mila.email)
    visit.page.goto("/account")
    for name, value in (("locale", locale), ("units", "imperial"), ("theme", "dark")):
        visit.page.locator(f"select[name={name}]").select_option(value)
    follow(visit.page.locator("#preferences button"))
    expect(visit.page.locator("html")).to_have_attribute("lang", locale)
    expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
    visit.look()
    visit.press("Sign out every other device")
    visit.reads("Every other device is signed out.")
    other.page.goto("/cabinet")
    expect(other.page.locator("input[name=password]")).to_be_visible()
    visit.page.goto(f"/cabinet/days/{YESTERDAY}")
    expect(visit.page.locator("#field-weight_kg .field__unit")).to_have_text(visit.words("lb"))
    visit.look()
    assert visit.faults == []


def type_value(visit: Visit, field: Locator, value: str, *, saved: bool = True) -> None:
    """Type into a field by keyboard alone, from its summary on."""
    field.locator("summary.small").focus()
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Tab")
    expect(field.locator("input[name=value]")).to_be_focused()
    visit.page.keyboard.type(value)
    visit.page.keyboard.press("Enter")
    if saved:
        expect(field.get_by_role("status")).to_be_visible()


def open_form(field: Locator) -> None:
    if not field.locator("input[name=value]").is_visible():
        field.locator("summary.small").click()


def answer(page: Page, mood: str, note: str) -> None:
    page.locator(f"input[name=mood][value='{mood}']").check(force=True)
    page.locator("#note").fill(note)


def _coach_types(app: Flask, client: Resident, value: float) -> None:
    with app.app_context(), acting_for(client.organisation_id):
        vera = db.session.execute(
            db.text("SELECT id FROM users WHERE email = :email"), {"email": COACH}
        ).scalar_one()
        type_field(client.client_id, YESTERDAY, FieldEdit("hrv", value, "untyped"), by=vera)
        db.session.commit()
        db.session.remove()
