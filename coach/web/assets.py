"""Addresses of static files that change when the file does, so that no browser keeps an old one."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import current_app, url_for

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
    "weekly",
    "dialog",
    "print",
)


def asset(filename: str) -> str:
    """Give the address of a static file, with a mark of its content."""
    return url_for("static", filename=filename, v=_mark(str(current_app.static_folder), filename))


@lru_cache(maxsize=256)
def _mark(folder: str, filename: str) -> str:
    return sha256(Path(folder, filename).read_bytes()).hexdigest()[:12]
