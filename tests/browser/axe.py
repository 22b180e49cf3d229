"""What is wrong with a page for people who see, point or hear differently; axe-core looks."""

from hashlib import sha256
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parent / "axe-4.14.1" / "axe.min.js"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
NARROWEST, WIDEST = ViewportSize(width=360, height=800), ViewportSize(width=2560, height=1440)
LOOK = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap(
  ({id, nodes}) => nodes.map(({target, failureSummary}) => `${id} at ${target}: ${failureSummary}`))
"""
STOPS = 5
# What can be operated: each is marked, so that the keyboard's way over the page can be compared.
MARK = """
() => {
  const can = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const seen = [...document.querySelectorAll(can)].filter((it) =>
    !it.disabled && it.checkVisibility({visibilityProperty: true}) && it.getClientRects().length &&
    !(it.type === "radio" && !it.checked));
  seen.forEach((it, at) => (it.dataset.at = at));
  document.activeElement?.blur();
  return seen.map((it) => it.outerHTML.slice(0, 120));
}
"""
WHERE = """
() => {
  const it = document.activeElement, look = getComputedStyle(it);
  const shown = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
  return [it.dataset.at ?? "", shown];
}
"""


def is_the_one_we_chose() -> bool:
    return sha256(AXE.read_bytes()).hexdigest() == SHA256


def violations_now(page: Page) -> list[str]:
    """Look at a page as it stands, once it is all there, in the size and scheme that it has."""
    page.wait_for_load_state()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(LOOK))


def violations(page: Page) -> list[str]:
    """Look at a page light and dark, on a phone and at a desk."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.reload()  # colours on their way from one scheme to the other are those of neither
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            found += [f"{scheme} {size['width']}: {it}" for it in page.evaluate(LOOK)]
    return found


def missed_by_keyboard(page: Page) -> list[str]:
    """Walk over a page by Tab; what is passed over, or takes the focus without showing it."""
    page.set_viewport_size(DESK)
    there: list[str] = page.evaluate(MARK)
    reached, unseen, before = set[str](), set[str](), ""
    for _press in range(STOPS * len(there) + STOPS):
        page.keyboard.press("Tab")
        at, shown = page.evaluate(WHERE)
        if at in reached - {before, ""}:  # a field for a date has a stop for each of its parts
            break
        reached.add(at)
        before = at
        if at and not shown:
            unseen.add(at)
    return [
        f"{'focus does not show' if str(at) in unseen else 'out of reach'}: {html}"
        for at, html in enumerate(there)
        if str(at) in unseen or str(at) not in reached
    ]
