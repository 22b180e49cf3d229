"""Somebody with a browser, who hears every complaint the browser makes of our pages."""

from dataclasses import dataclass, field
from typing import Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.people import Person
from tests.cast import PASSWORD

EXPECT_WITHIN_MS = 20_000
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


@dataclass
class Guest:
    """A person and their own browser profile."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> Self:
        """Open the browser and listen to it."""
        context.set_default_timeout(EXPECT_WITHIN_MS)
        context.add_init_script(TELL_VIOLATIONS)
        guest = cls(context.new_page())
        context.on("console", guest._hear)
        context.on("weberror", lambda error: guest.complaints.append(str(error.error)))
        return guest

    def sign_in(self, email: str) -> Self:
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).not_to_have_url("/sign-in")
        return self

    def go_to_whoop(self, person: Person) -> Self:
        """Agree, go on to WHOOP, and sign in there as its member."""
        self.page.goto("/cabinet/integrations")
        self.page.get_by_role("link", name="Link WHOOP").click()
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
        """Go where an error page waits; the browser notes it in its console, rightly."""
        answer = self.page.goto(path)
        assert answer
        assert answer.status == status
        self.complaints = [c for c in self.complaints if f"status of {status}" not in c]

    def excess_width(self) -> int:
        """Say how many pixels lie beside the screen, or are cut off."""
        return int(self.page.evaluate(EXCESS_WIDTH))

    def sticking_out(self) -> list[str]:
        """Say what lies beside the screen, or is cut off, and by how many pixels."""
        return list(self.page.evaluate(STICKING_OUT))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")
