"""Fixtures of whole exports: subsets, folders, and what else lies in an archive."""

from collections import Counter

from tests.factories.exports.fixtures import LIFE, NAMES, NEWEST, OLDEST, Fixture, archive, whole
from tests.factories.exports.writing import file

FILES = {NAMES[form[0]]: file(form, LIFE[form[0]]) for form in NEWEST}
JUNK = {
    "__MACOSX/._sleeps.csv": b"\x00\x05",
    ".DS_Store": b"x",
    "ride.gpx": b"<gpx/>",
    "my/.sleeps.csv": b"x",
    "ecg/ecg_2025.pdf": b"%PDF-1.4",
}


def built() -> dict[str, Fixture]:
    """Build all of them."""
    export = whole()
    copies = {f"{at}/Kopie ({at}).CSV": it for at, it in enumerate(FILES.values())}
    return _subsets() | {
        "an archive of the oldest generation": whole(OLDEST),
        "an archive zipped again": whole(folder="my_whoop_data_2026_01_01/", streamed=False),
        "an archive of deep folders": whole(folder="a/b/c/d/e/f/"),
        "an archive with hidden and other files": Fixture(
            archive(JUNK | FILES), export.rows, told=export.told
        ),
        "an archive with a stranger's table": _beside(b"a,b\n1,2\n", "unknown_header"),
        "an archive with an empty file": _beside(b"", "empty_file"),
        "names that say nothing": Fixture(archive(copies), export.rows, told=export.told),
    }


def _subsets() -> dict[str, Fixture]:
    return {
        f"an archive without {NAMES[form[0]]}": whole([it for it in NEWEST if it != form])
        for form in NEWEST
    }


def _beside(content: bytes, reason: str) -> Fixture:
    export = whole()
    told = [*export.told, (None, None)]
    together = archive({**FILES, "x.csv": content})
    return Fixture(together, export.rows, Counter([("file", reason)]), told)
