"""New data appears on the roster by itself, and sweeps nobody's words away."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import OpenGuest
from tests.browser.southside import COACH, arrives, days_ago, move_in, share_everything

pytestmark = pytest.mark.browser
A_LITTLE_MORE_THAN_A_MINUTE_MS = 61_000


def test_a_new_morning_appears_without_a_reload_unless_somebody_types(
    guest: OpenGuest, app: Flask
) -> None:
    lives = move_in(app, "en")
    share_everything(app, lives)
    page = guest(COACH).page
    page.clock.install()
    page.goto(f"/dashboard?q={lives.name}")
    row = page.locator("#rows .who").filter(
        has=page.get_by_role("link", name=lives.name, exact=True)
    )
    expect(row).to_contain_text("70%")
    arrives(app, lives, {days_ago(0): {"recovery_score": 12.0}})
    page.clock.fast_forward(A_LITTLE_MORE_THAN_A_MINUTE_MS)
    expect(row.locator(".state")).to_have_text("Low recovery")
    row.get_by_role("link", name="Reply, note or tag").click()
    note = row.get_by_label("Note for coaches")
    note.fill("Ask about the")
    arrives(app, lives, {days_ago(0): {"recovery_score": 91.0}})
    page.clock.fast_forward(A_LITTLE_MORE_THAN_A_MINUTE_MS)
    expect(note).to_have_value("Ask about the")
    expect(row).to_contain_text("12%")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    page.clock.fast_forward(A_LITTLE_MORE_THAN_A_MINUTE_MS)
    expect(row).to_contain_text("91%")
