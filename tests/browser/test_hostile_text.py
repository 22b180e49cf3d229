"""Whatever people, files and WHOOP call things, it is text: on every page, in every fragment."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Request
from sqlalchemy import Engine, create_engine, text

from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest
from tests.browser.payloads import MARK, bundles
from tests.browser.places import addresses
from tests.browser.planting import furnish, plant
from tests.cast import Cast, Somebody, committed_cast
from tests.processes.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1_800)]

IN_ONE_TEXT = 22
FOUND = "document.querySelectorAll('.planted, [hx-get*=evil], [href^=\"javascript:\"]').length"
SHOWN = f"document.body.innerText.toLowerCase().includes('{MARK}')"
# The first thing that everybody sees, and the page with most of other people's words.
FIRST = {"ann": ("/dashboard", "/dashboard/clients/"), "bea": ("/cabinet",), "olga": ("/people",)}
Figures = Callable[[str, object], None]


@pytest.fixture(scope="module")
def cast(app: Flask) -> Cast:
    with app.app_context():
        return committed_cast()


@pytest.fixture(scope="module")
def known(app: Flask, cast: Cast) -> dict[str, str]:
    return furnish(app, cast)


@pytest.fixture(scope="module")
def owner(installation: Stage) -> Iterator[Engine]:
    """The owning role; what limits lengths is taken off, so that one text holds many payloads."""
    engine = create_engine(installation.environment["MIGRATION_DATABASE_URL"])
    short = "ALTER TABLE weekly_plans DROP CONSTRAINT ck_weekly_plans_text_length"
    with engine.begin() as connection:
        connection.execute(text(short))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param(each, id=str(at), marks=[pytest.mark.slow] if at else [])
        for at, each in enumerate(bundles(IN_ONE_TEXT))
    ],
)
@pytest.mark.parametrize("person", FIRST)
def test_stored_text_stays_text(  # noqa: PLR0917  # fixtures
    guest: OpenGuest,
    app: Flask,
    cast: Cast,
    known: dict[str, str],
    owner: Engine,
    record_property: Figures,
    person: str,
    bundle: str,
) -> None:
    who: Somebody = getattr(cast, person)
    fields = plant(owner, who.organisation_id, "plain")
    visitor = guest(who.email)
    seen = Seen(visitor)
    assert set(fields) - set(plant(owner, who.organisation_id, bundle)) == set()
    every = [each for each in addresses(app, known) if "sign-out" not in each]
    first_of_all = bundle == next(bundles(IN_ONE_TEXT))
    chosen = (
        [each for each in every if each.startswith(FIRST[person])][:4] if first_of_all else every
    )
    for address in chosen:
        seen.look_at(address)
    plant(owner, who.organisation_id, "plain")
    figures = {"payloads": IN_ONE_TEXT, "pages and fragments": seen.pages, "shown": seen.shown}
    record_property("hostile", {**figures, "XSS successes": len(seen.successes)})
    assert seen.successes == []
    assert seen.shown, "nothing that was planted was to be seen"


class Seen:
    """What a browser that goes from page to page has seen, and what succeeded."""

    def __init__(self, visitor: Guest) -> None:
        self._visitor, self.pages, self.shown = visitor, 0, 0
        self.successes: list[str] = []
        visitor.page.on("dialog", self._dialog)
        visitor.page.on("request", self._request)

    def look_at(self, address: str) -> None:
        """Open the page, and its fragment as if it were one."""
        page = self._visitor.page
        answer = page.request.get(address, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            return
        for headers in ({}, {"HX-Request": "true"}):
            page.set_extra_http_headers(headers)
            page.goto(address)
            self.pages += 1
            self.shown += bool(page.evaluate(SHOWN))
            if page.evaluate(FOUND):
                self.successes.append(f"{address} has markup of a stranger")
        page.set_extra_http_headers({})

    def _dialog(self, dialog: Dialog) -> None:
        self.successes.append(f"{self._visitor.page.url} opened a dialog")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if "evil.test" in request.url:
            self.successes.append(f"{self._visitor.page.url} called {request.url}")
