"""Addresses of static files that change when the file does, so that no browser keeps an old one."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import current_app
from markupsafe import Markup

# One file per component, linked one by one: no build step, and none waits for another to arrive.
STYLE_SHEETS = (
    "tokens",
    "base",
    "layout",
    "nav",
    "button",
    "form",
    "scale",
    "card",
    "badge",
    "number",
    "table",
    "chart",
    "strip",
    "day",
    "roster",
    "import",
    "client",
    "privacy",
    "account",
    "alerts",
    "gallery",
    "api",
    "weekly",
    "dialog",
    "print",
)


ICONS = "vendor/lucide-1.62.0/icons.svg"


def asset(filename: str) -> str:
    """Give the address of a static file, with a mark of its content."""
    return _address(current_app.static_folder or "", current_app.static_url_path or "", filename)


def icon(name: str) -> Markup:
    """Draw an icon of the sprite; a list shows hundreds."""
    return _drawn(asset(ICONS), name)


@lru_cache(maxsize=256)
def _address(folder: str, path: str, filename: str) -> str:
    mark = sha256(Path(folder, filename).read_bytes()).hexdigest()[:12]
    return f"{path}/{filename}?v={mark}"


@lru_cache(maxsize=256)
def _drawn(sprite: str, name: str) -> Markup:
    drawing = '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return Markup(drawing).format(sprite, name)  # noqa: S704  # the drawing is ours
