"""Fixtures of one quirk each: what owners, editors and accidents do to columns and rows."""

from collections import Counter
from collections.abc import Sequence

from tests.factories.exports.fixtures import LIFE, Fixture
from tests.factories.exports.titles import ENGLISH
from tests.factories.exports.writing import Kept, cells_of, file, kept, write

C26 = list(ENGLISH["C26"])
J6 = list(ENGLISH["J6"])
CELLS, ROWS = cells_of("C26", LIFE["C"]), kept("C26", LIFE["C"])
ANSWERS, TOLD = cells_of("J6", LIFE["J"]), kept("J6", LIFE["J"])
JOURNAL = file("J6", LIFE["J"])
NO_NUMBERS = ("∞", "NaN", "1,5", "1.234,5", "1e3", "high", "٣")


def built() -> dict[str, Fixture]:
    """Build all of them."""
    return _columns() | _titles() | _cells() | _lines() | _spoiled()


def made(
    cells: Sequence[Sequence[str]],
    rows: Sequence[Kept],
    *reported: tuple[str, str],
    titles: Sequence[str] = tuple(C26),
    told: tuple[str | None, str | None] = ("en", "C26"),
) -> Fixture:
    """Write a table of somebody's own making."""
    return Fixture(write(titles, cells), rows, Counter(reported), [told])


def _columns() -> dict[str, Fixture]:
    lacking = {"REM duration (min)": "rem_duration", "Day Strain": "day_strain"}
    left = [title for title in C26 if title not in lacking]
    return {
        "columns in another order": made([it[::-1] for it in CELLS], ROWS, titles=C26[::-1]),
        "columns missing": made(
            [[it[C26.index(title)] for title in left] for it in CELLS],
            [_without(row, *lacking.values()) for row in ROWS],
            titles=left,
            told=("en", None),
        ),
        "columns added in front": made(
            [["7", "A", "B", *it] for it in CELLS], ROWS, titles=["id", "first", "last", *C26]
        ),
        "a column added behind": made([[*it, "x"] for it in CELLS], ROWS, titles=[*C26, "note"]),
    }


def _titles() -> dict[str, Fixture]:
    snake = [title.lower().replace(" ", "_").replace("(", "").replace(")", "") for title in C26]
    renamed = [*C26[:3], "Recovery, newly worded", *C26[4:]]
    other = [*J6[:4], "Answered yes/no", "Notes"]
    bare = file("C26", LIFE["C"]).split(b"\n", 1)[1]
    return {
        "titles in snake case": made(CELLS, ROWS, titles=snake),
        "one title newly worded": made(CELLS, ROWS, titles=renamed),
        "a title twice": made([[*it, "1"] for it in CELLS], ROWS, titles=[*C26, C26[3]]),
        "no titles at all": Fixture(bare, ROWS, told=[(None, "C26")]),
        "the titles of another tool": made(ANSWERS, TOLD, titles=other, told=("en", "J6")),
    }


def _cells() -> dict[str, Fixture]:
    dotted = [[f"{it}.0" if it.isdecimal() else it for it in row] for row in CELLS]
    padded = [[f" {it} " for it in row] for row in CELLS]
    with_nul = JOURNAL.replace(b"caffeine", b"caf\x00feine", 1)
    spoiled = [[*it] for it in CELLS]
    rows = [*ROWS]
    for at, cell in enumerate(NO_NUMBERS, start=2):
        spoiled[at][C26.index("Day Strain")] = cell
        rows[at] = _without(rows[at], "day_strain")
    reported = [("cell", "not_a_number")] * len(NO_NUMBERS)
    return {
        "numbers as 44.0": made(dotted, ROWS),
        "blanks around every cell": made(padded, ROWS),
        "NUL bytes": Fixture(with_nul, TOLD, told=[("en", "J6")]),
        "cells that are no numbers": made(spoiled, rows, *reported),
    }


def _lines() -> dict[str, Fixture]:
    blanks = b"\n\n" + file("C26", LIFE["C"]).replace(b"\n", b"\n\n,,,\n")
    five = [_without(row, *(it for it in row[1] if it not in TOLD_BY_FIVE)) for row in ROWS]
    surplus = [("cell", "extra_cells")] * len(ROWS)
    return {
        "blank lines around": Fixture(blanks, ROWS, told=[("en", "C26")]),
        "the same rows twice": made(CELLS + CELLS, [*ROWS, *ROWS]),
        "rows that are too short": made([it[:5] for it in CELLS], five),
        "rows that are too long": made([[*it, "x"] for it in CELLS], ROWS, *surplus),
    }


TOLD_BY_FIVE = (
    "cycle_start_time",
    "cycle_end_time",
    "offset_minutes",
    "recovery_score",
    "resting_heart_rate",
)


def _spoiled() -> dict[str, Fixture]:
    today = [["", "", "", "Slept alone?", "true", ""]] * 3
    unfinished = [("row", "no_cycle")] * 3
    late = [[*it] for it in CELLS]
    late[4][0], late[6][0], late[8][12] = "yesterday", "", "2025-02-30 10:00:00"
    rest = [row for at, row in enumerate(ROWS) if at not in {4, 6, 8}]
    reported = [("row", "not_a_time"), ("row", "missing"), ("row", "not_a_time")]
    unclosed = JOURNAL.replace(b"\n", b'\n2025-01-01 00:00:00,,UTCZ,"Lost,true,\n', 1)
    broken = Counter([("row", "broken_quotes")])
    return {
        "times that are none": made(late, rest, *reported),
        "today's answers without a cycle": made(
            today + ANSWERS, TOLD, *unfinished, titles=J6, told=("en", "J6")
        ),
        "a quote never closed": Fixture(unclosed, TOLD, broken, [("en", "J6")]),
    }


def _without(row: Kept, *fields: str) -> Kept:
    kind, values = row
    return kind, {field: value for field, value in values.items() if field not in fields}
