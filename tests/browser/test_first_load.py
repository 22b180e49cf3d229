"""What a first visit costs on the wire: everything a page brings along, and only from here."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request

from tests.browser.conftest import OpenGuest
from tests.browser.people import COACH, SHARES

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
MOST_BYTES = 150 * 1024


@pytest.mark.parametrize(
    ("email", "address"), [("", "/sign-in"), (SHARES.email, "/cabinet"), (COACH, "/dashboard")]
)
def test_a_first_load_is_small_and_from_one_origin(
    guest: OpenGuest, email: str, address: str
) -> None:
    visitor = guest(email)
    cookies = visitor.page.context.cookies()
    fresh = guest()  # another profile: nothing is cached
    fresh.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    asked: list[Request] = []
    fresh.page.on("requestfinished", lambda each: asked.append(each))  # noqa: PLW0108
    fresh.page.goto(address, wait_until="networkidle")
    sizes = [each.sizes() for each in asked]
    sent = sum(it["responseBodySize"] + it["responseHeadersSize"] for it in sizes)
    assert len(asked) > 10, "the page came with its style sheets and scripts"
    assert 0 < sent <= MOST_BYTES
    assert len({urlsplit(each.url).netloc for each in asked}) == 1
