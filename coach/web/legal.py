"""Privacy and terms: what the operator wrote, or what they should write."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from coach.extensions import settings

bp = Blueprint("legal", __name__)
FOLDER = "legal"
LONGEST = 200_000  # characters shown of a file


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list item or heading of an operator's text."""

    kind: str
    text: str


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    return _page("privacy", _("Privacy"))


@bp.get("/terms")
def terms() -> ResponseReturnValue:
    return _page("terms", _("Terms of use"))


def _page(name: str, title: str) -> str:
    written = _written(settings().coach_home, name, str(get_locale()))
    blocks = _blocks(written) if written else None
    return render_template("legal.html", name=name, title=title, blocks=blocks)


def _written(home: Path, name: str, language: str) -> str | None:
    """Read the operator's file, in the reader's language if there is one."""
    for file in (home / FOLDER / f"{name}.{language}.txt", home / FOLDER / f"{name}.txt"):
        if file.is_file():
            return file.read_text(errors="replace")[:LONGEST]
    return None


def _blocks(text: str) -> list[Block]:
    """Read plain text: `# ` begins a heading, `- ` a list item, an empty line a paragraph."""
    blocks = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        for line in _lines(part.strip()):
            mark, _space, rest = line.partition(" ")
            kind = {"#": "heading", "-": "item"}.get(mark, "paragraph")
            blocks.append(Block(kind, line if kind == "paragraph" else rest))
    return blocks


def _lines(part: str) -> list[str]:
    """Keep headings and list items apart; the lines of a paragraph are one."""
    lines: list[str] = []
    for line in part.splitlines():
        if lines and not line.startswith(("# ", "- ")) and not lines[-1].startswith("# "):
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line.strip())
    return [line for line in lines if line]
