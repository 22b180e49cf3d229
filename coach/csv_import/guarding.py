"""Text that a spreadsheet would take for a formula: with an apostrophe before it, and without."""

import re

# Full-width signs count too, and blanks before a sign; a tab or a line break may begin a new cell.
_TAKEN_FOR_A_FORMULA = re.compile(r"'*(?:[\t\r\n\0]|\s*[=+\-@＝＋－＠])")  # noqa: RUF001 - those


def guarded(text: str) -> str:
    """Make a text safe to be opened by a spreadsheet; `bare` takes exactly this away again.

    The rule is OWASP's on CSV injection. Numbers are none of its business: give it text only.
    """
    return f"'{text}" if _TAKEN_FOR_A_FORMULA.match(text) else text


def bare(text: str) -> str:
    """Take away the one apostrophe that guards a text."""
    return text[1:] if text.startswith("'") and _TAKEN_FOR_A_FORMULA.match(text) else text
