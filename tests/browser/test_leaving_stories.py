"""The client takes their data along, deletes it, goes; and changes where mails arrive."""

import zipfile
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from coach.accounts import own_account
from coach.accounts.links import token_for
from coach.accounts.models import TokenKind
from coach.accounts.person_models import EmailChange
from coach.extensions import db
from tests.browser.conftest import OpenGuest
from tests.browser.southside import days_ago, user_of
from tests.browser.visit import come, everywhere, resident
from tests.cast import PASSWORD
from tests.processes.stage import wait_until

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("locale", "size"), everywhere(("ru", "desk")))
def test_everything_is_made_into_a_file_that_is_ready_to_download(
    guest: OpenGuest, app: Flask, tmp_path: Path, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size)
    visit.go("/cabinet/data")
    visit.press("Make the file")
    visit.reads("Download everything")
    with visit.page.expect_download() as coming:
        visit.press("Download everything")
    coming.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as mine:
        assert {"daily_logs.csv", "daily_logs.jsonl"} <= {
            Path(name).name for name in mine.namelist()
        }
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_whoops_data_is_deleted_and_what_was_typed_stays(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, _mila = resident(guest, app, locale, size)
    page, day = visit.page, f"/cabinet/days/{days_ago(1)}"
    page.goto(f"{day}/fields/mood")
    page.locator("summary.small").click()
    page.locator("input[name=value]").fill("7")
    page.locator("button[value=set]").click()
    expect(page.locator("#field-mood")).to_contain_text("7")
    visit.go("/cabinet/data/whoop")
    visit.press("Delete WHOOP data")
    visit.reads("WHOOP is disconnected, and its data is being deleted.")
    being = page.locator(".badge", has_text=visit.words("Being deleted"))
    wait_until(lambda: bool(page.reload()) and being.count() == 0, what="the deletion")
    visit.go(day)
    expect(page.locator("#field-mood")).to_contain_text("7")
    expect(page.locator("#field-hrv > p.small")).not_to_contain_text("WHOOP")
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_new_address_counts_once_its_link_is_opened(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    new = f"new-{mila.email}"
    visit.go("/account")
    visit.page.locator("summary", has_text=visit.words("Change my e-mail")).click()
    visit.page.locator("input[name=email]").fill(new)
    visit.press("Send the link")
    visit.reads("We have mailed a link to the new address. Open it within one hour.")
    with app.app_context():
        change = db.session.scalar(select(EmailChange.id).where(EmailChange.email == new))
        assert change
        link = own_account.link(change)
        db.session.remove()
    visit.go(link)
    visit.press("Yes, use it")
    visit.reads("From now on you sign in with %(email)s.", email=new)
    assert user_of(app, new) == mila.user_id
    visit.go(link)
    visit.guest.forgive("status of 410")
    assert visit.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_who_leaves_decides_later_by_the_mailed_link(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    visit.go("/account/leaving")
    visit.page.locator("input[name=password]").fill(PASSWORD)
    visit.press("Leave")
    visit.reads("You have left %(organisation)s", organisation="Southside")
    after = come(guest, locale, size, mila.name)
    after.sign_in(mila.email, refused=True)
    after.reads("You belong to no organisation at the moment. Ask for an invitation.")
    after.guest.forgive("status of 403")
    with app.app_context():
        link = f"/leaving/{token_for(TokenKind.LEAVING, mila.client_id)}"
    late = come(guest, locale, size, mila.name)
    late.go(link)
    late.press("Delete it for good")
    late.reads("It is being deleted. Nothing more is needed.")
    assert visit.faults + after.faults + late.faults == []


@pytest.mark.parametrize(("locale", "size"), everywhere())
def test_a_deleted_account_opens_nothing_and_is_gone_soon(
    guest: OpenGuest, app: Flask, locale: str, size: str
) -> None:
    visit, mila = resident(guest, app, locale, size)
    visit.go("/account/deletion")
    visit.page.locator("input[name=password]").fill(PASSWORD)
    visit.press("Delete my account for good")
    visit.reads("Your account is being deleted")
    visit.page.goto("/cabinet")
    expect(visit.page.locator("input[name=email]")).to_be_visible()
    wait_until(lambda: user_of(app, mila.email) is None, what="the deletion of the account")
    assert visit.faults == []
