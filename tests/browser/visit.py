"""A story told in one of our languages, on a phone or at a desk; each page it comes by is judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.guest import Guest, follow
from tests.browser.southside import Resident, move_in
from tests.browser.words import LOCALES, Words
from tests.cast import PASSWORD

SIZES = {"phone": axe.NARROWEST, "desk": axe.DESK}


def everywhere(*quick: tuple[str, str]) -> list[Any]:  # ParameterSet is private to pytest
    """Tell a story in each language and size, and in the fast suite in the `quick` ones alone."""
    return [
        pytest.param(
            locale,
            size,
            id=f"{locale}-{size}",
            marks=[] if (locale, size) in quick else [pytest.mark.slow],
        )
        for locale, size in product(LOCALES, SIZES)
    ]


@dataclass
class Visit:
    """Somebody on our pages; `faults` is what was wrong with the pages they came by."""

    guest: Guest
    words: Words
    size: str
    own: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.guest.page

    def go(self, path: str) -> None:
        """Go to a page and judge it."""
        self.page.goto(path)
        self.look()

    def press(self, said: str, **values: object) -> None:
        """Press the button, or follow the link, of these words."""
        name = self.words(said, **values)
        either = self.page.get_by_role("button", name=name, exact=True)
        either.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def text(self, said: str, **values: object) -> Locator:
        return self.page.get_by_text(self.words(said, **values)).first

    def reads(self, said: str, **values: object) -> None:
        """Wait until the page says so, and judge it."""
        expect(self.text(said, **values)).to_be_visible()
        self.look()

    def look(self) -> None:
        """Note English where it should not be, what sticks out, and what axe finds."""
        self.page.wait_for_load_state()
        where = f"{self.words.locale} {self.size} {self.page.url.partition('/')[2]}"
        found = [f"English: {it}" for it in self.words.english_on(self.page, own=self.own)]
        found += [f"sticks out: {it}" for it in self.guest.sticking_out()]
        found += axe.violations_now(self.page)
        self.faults += [f"{where}: {it}" for it in found]

    def sign_in(self, email: str, password: str = PASSWORD, *, refused: bool = False) -> None:
        """Fill in the form, whatever its language."""
        self.page.goto("/sign-in")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        follow(self.page.locator("main form button[type=submit]"))
        assert self.page.url.endswith("/sign-in") is refused


def come(open_guest: Callable[..., Guest], locale: str, size: str, *own: str) -> Visit:
    """Open a browser of this language and size; nobody is signed in."""
    guest = open_guest(locale=locale, viewport=SIZES[size], reduced_motion="reduce")
    return Visit(guest, Words(locale), size, own)


def resident(
    open_guest: Callable[..., Guest], app: Flask, locale: str, size: str, *, days: int = 60
) -> tuple[Visit, Resident]:
    """Let a new client of Southside sign in."""
    lives = move_in(app, locale, days=days)
    visit = come(open_guest, locale, size, lives.name)
    visit.guest.sign_in(lives.email)
    return visit, lives
