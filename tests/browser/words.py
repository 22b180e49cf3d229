"""The words of the pages in a language, by the catalogue; and English that shows where it should not."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from playwright.sync_api import Page

import coach

LOCALES = ("en", "es", "ru")
PRODUCT = "Coach"
FOLDER = Path(coach.__file__).parent / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
# What stands alone between tags, and what only screen readers say.
SHOWN = """
() => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const owner = walk.currentNode.parentElement;
    if (!owner.closest("script, style, noscript, textarea, bdi")) said.push(walk.currentNode.data);
  }
  for (const each of document.querySelectorAll("[aria-label], [placeholder], [title]"))
    for (const name of ["aria-label", "placeholder", "title"]) said.push(each.getAttribute(name) ?? "");
  said.push(document.title);
  return said.map((it) => it.replace(/\\s+/g, " ").trim()).filter(Boolean);
}
"""
# Words of no other of our languages; a sentence that never reached the catalogue has some of them.
ENGLISH = re.compile(
    r"\b(the|your|you|with|this|from|what|are|was|not|today|yesterday|days)\b", re.IGNORECASE
)


@cache
def _catalogue(locale: str) -> Catalog:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale)


@dataclass(frozen=True, slots=True)
class Words:
    """What a language says; the English sentence where the catalogue has none yet."""

    locale: str

    def __call__(self, said: str, **values: object) -> str:
        """Translate as the pages do."""
        found = None if self.locale == "en" else _catalogue(self.locale).get(said)
        text = found.string if found and isinstance(found.string, str) else ""
        return (text or said) % values if values else text or said

    def english_on(self, page: Page, *, own: tuple[str, ...] = ()) -> list[str]:
        """List what a page says in English; `own` are people's own words and names."""
        if self.locale == "en":
            return []
        shown: list[str] = page.evaluate(SHOWN)
        return sorted({it for it in shown if self._is_english(it) and it not in own})

    def _is_english(self, shown: str) -> bool:
        if shown == PRODUCT:
            return False  # which is also what a role is called
        if ENGLISH.search(shown):
            return True
        found = _catalogue(self.locale).get(shown)
        return bool(found and found.string and shown not in (found.string, *found.string))
