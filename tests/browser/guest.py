"""Somebody with a browser, who hears every complaint the browser makes of our pages."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.people import Person
from tests.cast import PASSWORD
from tests.critic import Critic

EXPECT_WITHIN_MS = 60_000  # patience costs nothing where all is well
A_MOMENT_MS = 50
expect.set_options(timeout=EXPECT_WITHIN_MS)

TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} stops ${event.blockedURI}`));
"""
# Of the page, and of the cards in it, which cut off what sticks out.
EXCESS_WIDTH = """
Math.max(...[document.documentElement, ...document.querySelectorAll(".card")].map(
  (box) => box.scrollWidth - box.clientWidth))
"""
# Which boxes these are, and what in them reaches furthest.
STICKING_OUT = """
[document.documentElement, ...document.querySelectorAll(".card")].flatMap((box) => {
  const excess = box.scrollWidth - box.clientWidth;
  if (excess <= 0) return [];
  const right = (it) => it.getBoundingClientRect().right;
  const inside = [...box.querySelectorAll("*")].filter((it) => !it.closest(".scroll"));
  const furthest = inside.reduce((one, it) => (right(it) > right(one) ? it : one), inside[0]);
  return [`${excess} by ${furthest.outerHTML.slice(0, 120)}`];
})
"""


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait until the scripts of that page have run."""
    with link.page.expect_navigation():
        link.click()


def wait_for(page: Page, happens: Callable[[], bool]) -> None:
    """Wait until something is so, and let the browser be heard meanwhile."""
    give_up = time.monotonic() + EXPECT_WITHIN_MS / 1000
    while not happens():
        assert time.monotonic() < give_up, "it did not happen"
        page.wait_for_timeout(A_MOMENT_MS)


@dataclass
class Guest:
    """A person and their own browser profile."""

    page: Page
    app: Flask  # of our own, on the database of the pages
    heard: list[str] = field(default_factory=list)
    forgiven: set[str] = field(default_factory=set)

    @property
    def complaints(self) -> list[str]:
        """What the browser said of our pages and should not have had to."""
        return [each for each in self.heard if not any(it in each for it in self.forgiven)]

    def forgive(self, *words: str) -> None:
        """Let the browser say so, as it rightly does: it may be heard late, after what was seen."""
        self.forgiven.update(words)

    @classmethod
    def of(cls, context: BrowserContext, app: Flask) -> Self:
        """Open the browser and listen to it."""
        context.set_default_timeout(EXPECT_WITHIN_MS)
        context.add_init_script(TELL_VIOLATIONS)
        guest = cls(context.new_page(), app)
        context.on("console", guest._hear)
        context.on("weberror", lambda error: guest.heard.append(str(error.error)))
        return guest

    def sign_in(self, email: str) -> Self:
        """Bring a session, and go to the first page; the form is filled in by `Visit.sign_in`."""
        name = str(self.app.config["SESSION_COOKIE_NAME"])
        critic = Critic.of(self.app)
        critic.post_form("/sign-in", {"email": email, "password": PASSWORD})
        cookie = critic.get_cookie(name)
        assert cookie
        address = self.app.config["SETTINGS"].base_url
        self.page.context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
        self.page.goto("/")
        return self

    def go_to_whoop(self, person: Person) -> Self:
        """Agree, go on to WHOOP, and sign in there as its member."""
        self.page.goto("/cabinet/integrations")
        follow(self.page.get_by_role("link", name="Link WHOOP"))
        self.page.get_by_label("I agree that Coach fetches").check()
        for group in ("Recovery", "Sleep", "Strain"):
            self.page.get_by_role("checkbox", name=group).check()
        self.page.get_by_role("button", name="Continue to WHOOP").click()
        member = str(person.member).title()
        self.page.get_by_role("button", name=f"Sign in as {member}").click()
        return self

    def choose_file(self, name: str, content: bytes) -> None:
        """Choose an export in the upload form, and send it."""
        self.page.goto("/cabinet/imports")
        file = {"name": name, "mimeType": "application/zip", "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        self.page.get_by_role("button", name="Upload").click()

    def apply_upload(self) -> None:
        """Wait for the preview, and apply it."""
        self.page.get_by_role("button", name="Apply").click()

    def expect_refusal(self, path: str, status: int) -> None:
        """Go where an error page waits; the browser notes it in its console."""
        self.forgive(f"status of {status}")
        answer = self.page.goto(path)
        assert answer
        assert answer.status == status

    def excess_width(self) -> int:
        """Say how many pixels lie beside the screen, or are cut off, once the page is all there."""
        self.page.wait_for_load_state()
        return int(self.page.evaluate(EXCESS_WIDTH))

    def sticking_out(self) -> list[str]:
        """Say what lies beside the screen, or is cut off, and by how many pixels."""
        self.page.wait_for_load_state()
        return list(self.page.evaluate(STICKING_OUT))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(f"{self.page.url}: {message.text}")
