"""Takes the pictures of this folder from a running demo: `python docs/take_screenshots.py ADDRESS`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
PASSWORD = "demo-demo-demo"  # noqa: S105  # what the demo prints
COACH, CLIENT = "anna@demo.example", "omar@demo.example"
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main(address: str) -> None:
    """Take roster, client page and cabinet, on desktop and phone, light and dark."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for size in SIZES:
            for scheme in ("light", "dark"):
                _take(browser, address, size, scheme)
        browser.close()


def _take(browser: Browser, address: str, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    for person, pages in {COACH: ("roster", "client"), CLIENT: ("cabinet",)}.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        page.fill("input[name=email]", person)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_load_state()
        for name in pages:
            if name == "client":
                page.click("text=Mara Ironwood")
                page.wait_for_load_state()
            page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
        context.close()


if __name__ == "__main__":
    main(sys.argv[1])
