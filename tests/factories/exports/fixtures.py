"""The table of fixtures: a name, the bytes of an upload, and what must come of it."""

import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.factories.exports.life import life
from tests.factories.exports.writing import PLAIN, Kept, Style, file, kept

LIFE = life()
NEWEST = ("C26", "S18", "W17", "J6")
OLDEST = ("C25", "S17", "W20", "J6")
NAMES = {
    "C": "physiological_cycles.csv",
    "S": "sleeps.csv",
    "W": "workouts.csv",
    "J": "journal_entries.csv",
}


@dataclass(frozen=True)
class Fixture:
    """An upload, and what must come of it; `reported` counts (spoils, reason)."""

    content: bytes
    rows: Sequence[Kept] = ()
    reported: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Sequence[tuple[str | None, str | None]] = ()  # language and generation, by file
    refusal: str = ""
    name: str = "upload"


def archive(files: Mapping[str, bytes], *, streamed: bool = False) -> bytes:
    """Zip files; `streamed` puts sizes behind the data, as WHOOP does."""
    made = _Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return made.getvalue()


class _Pipe(io.BytesIO):
    def tell(self) -> int:
        raise OSError


def loose(
    form: str, style: Style = PLAIN, language: str = "en", remarks: Sequence[str] = ()
) -> Fixture:
    """One file of the life, and what must be remarked of it."""
    rows = LIFE[form[0]]
    reported = Counter(("nothing", reason) for reason in remarks)
    content = file(form, rows, style, language)
    return Fixture(content, kept(form, rows, style), reported, [(known(language), form)])


def whole(
    forms: Sequence[str] = NEWEST, language: str = "en", folder: str = "", *, streamed: bool = True
) -> Fixture:
    """The four files, or some of them, in one archive."""
    files = {folder + NAMES[form[0]]: file(form, LIFE[form[0]], PLAIN, language) for form in forms}
    rows = [row for form in forms for row in kept(form, LIFE[form[0]])]
    told = [(known(language), form) for form in forms]
    return Fixture(archive(files, streamed=streamed), rows, told=told)


def known(language: str) -> str | None:
    """Give the language a report must name."""
    return None if language == "xx" else language
