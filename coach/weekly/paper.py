"""Typesets a summary as one page of PDF, in a process of its own that ends in time."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from flask_babel import get_locale
from flask_babel import gettext as _

from coach.weekly.summary import Summary

TYPESETTER = Path(__file__).with_name("typesetter.py")
SECONDS = 10
KEPT = {"PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH"}


class CannotTypeset(Exception):
    """The page could not be made in its time; the same page can be printed from the browser."""


def typeset(told: Summary) -> bytes:
    """Give the PDF; raises CannotTypeset.

    Words travel as JSON on standard input, never as source. Typst holds the interpreter while it
    works, so no thread could stop it: a process can be ended.
    """
    said = asdict(told) | {"lang": str(get_locale()), "words": _words()}
    try:
        done = subprocess.run(  # noqa: S603 - our own file and interpreter
            [sys.executable, "-I", str(TYPESETTER)],
            input=json.dumps(said).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={name: value for name, value in os.environ.items() if name in KEPT},
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise CannotTypeset(type(error).__name__) from error
    return done.stdout


def _words() -> dict[str, str]:
    return {"title": _("Summary"), "mean": _("Mean"), "change": _("Difference"), "days": _("Days")}
