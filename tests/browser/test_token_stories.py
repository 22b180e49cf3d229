"""What a mailed link opens: an invitation in each of its states, a guardian's page, a new password."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import expect

from coach.accounts import guardians, resets
from coach.accounts.models import Invitation, PasswordReset
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.browser.conftest import OpenGuest
from tests.browser.people import STRANGER
from tests.browser.southside import change, invite, move_in, organisation
from tests.browser.visit import Visit, come, everywhere

pytestmark = pytest.mark.browser
MEMBER = "tessa"
MOST_SCREENS = 5


@pytest.mark.parametrize(("locale", "size"), everywhere(("ru", "phone")))
def test_from_the_invitation_to_the_first_numbers_in_five_screens(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    _invitation, link = invite(app, locale)
    visit = come(guest, locale, size)
    page, screens = visit.page, Screens(visit)
    page.goto(link)
    screens.next()
    page.locator("input[name=password]").fill("long enough to be new here")
    visit.press("Join")
    page.wait_for_url("**/cabinet/welcome")
    screens.next()
    visit.press("Link WHOOP")
    page.wait_for_url("**/cabinet/whoop/connect")
    screens.next()
    page.locator("input[name=agree]").check()
    page.locator("input[name=share][value=recovery]").check()
    visit.press("Continue to WHOOP")  # our page in between goes on by itself
    page.get_by_role("button", name=f"Sign in as {MEMBER.title()}").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("#whoop-card .badge")).to_be_visible()
    screens.next()
    expect(page.locator("#whoop-card .badge", has_text=visit.words("Linked"))).to_be_visible()
    page.goto("/cabinet/days")
    expect(page.locator("tbody tr").nth(20)).to_be_visible()
    screens.next()
    assert (screens.seen <= MOST_SCREENS, visit.faults) == (True, [])
    let_go(visit)


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_link_that_is_used_up_too_old_or_somebody_elses_says_so(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    moment = datetime.now(UTC)
    states = (
        (
            {"accepted_at": moment},
            "This invitation was used already. Sign in with your e-mail and password.",
        ),
        ({"withdrawn_at": moment}, "This invitation was withdrawn. Ask your coach for a new one."),
        (
            {"expires_at": moment - timedelta(days=1)},
            "This invitation is older than seven days. Ask your coach for a new one.",
        ),
    )
    visit = come(guest, locale, size)
    for changed, words in states:
        invitation, link = invite(app, locale)
        change(app, invitation, **changed)
        visit.page.goto(link)
        visit.reads(words)
    other = come(guest, locale, size)
    other.sign_in(STRANGER)
    _invitation, link = invite(app, locale)
    other.page.goto(link)
    expect(other.page.locator(".alert--warning")).to_contain_text(STRANGER)
    visit.guest.forgive("status of 410")
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_under_18_nobody_joins_before_a_guardian_agrees(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    invitation, link = invite(app, locale, minor=True)
    young, parent = come(guest, locale, size), come(guest, locale, size)
    young.go(link)
    young.page.locator("input[name=email]").fill("parent@south.example")
    young.press("Ask my guardian")
    young.reads(
        "We have asked your guardian by e-mail. Once they agree, open your invitation again."
    )
    young.page.goto(link)
    young.reads(
        "We have asked your guardian by e-mail. Once they agree, open your invitation again."
    )
    parent.go(_guardians_link(app, invitation))
    parent.press("I am a guardian and I agree")
    expect(parent.page.locator(".alert--success")).to_be_visible()
    parent.look()
    young.go(link)
    young.page.locator("input[name=password]").fill("long enough to be new here")
    young.press("Join")
    young.page.wait_for_url("**/cabinet/welcome")
    young.guest.forgive("status of 403")
    assert young.faults + parent.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    mila = move_in(app, locale, days=0)
    visit = come(guest, locale, size, mila.name)
    visit.go("/sign-in")
    visit.go("/forgot")
    visit.page.locator("input[name=email]").fill(mila.email)
    visit.page.locator("main form button[type=submit]").click()
    expect(visit.page.locator(".alert")).to_be_visible()
    visit.look()
    with app.app_context():
        mine = db.select(PasswordReset.id).where(PasswordReset.user_id == mila.user_id)
        link = resets.link(db.session.scalars(mine).one())
        db.session.remove()
    visit.go(link)
    visit.page.locator("input[name=password]").fill("another long sentence of mine")
    visit.page.locator("main form button[type=submit]").click()
    expect(visit.page.locator(".alert--success")).to_be_visible()
    visit.look()
    visit.sign_in(mila.email, "another long sentence of mine")
    late = come(guest, locale, size)
    late.go(link)
    late.guest.forgive("status of 410")
    assert visit.faults + late.faults == []


def let_go(visit: Visit) -> None:
    """Disconnect: the WHOOP account is wanted again in the next language."""
    visit.page.goto("/cabinet/whoop/disconnect")
    visit.page.locator("input[name=history][value=keep]").check()
    visit.press("Disconnect WHOOP")
    expect(visit.page.locator(".alert--success")).to_be_visible()


class Screens:
    """Counts the pages of ours that somebody has to look at; each is judged."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.seen = visit, 0

    def next(self) -> None:
        self.seen += 1
        self.visit.look()


def _guardians_link(app: Flask, invitation_id: UUID) -> str:
    here = organisation(app)
    with app.app_context(), acting_for(here):
        invitation = db.session.get_one(Invitation, (here, invitation_id))
        path = guardians.guardian_link(invitation).partition("/invitations/")[2]
        db.session.remove()
    return f"/invitations/{path}"
