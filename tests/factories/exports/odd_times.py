"""Fixtures whose offsets or dates only the whole file can settle, or nothing can."""

from tests.factories.exports.copies import day_first, month_first
from tests.factories.exports.fixtures import LIFE, Fixture
from tests.factories.exports.life import Row
from tests.factories.exports.odd import C26, made
from tests.factories.exports.writing import Style, cells_of, kept

ZONE = C26.index("Cycle timezone")
SHORT = LIFE["C"][-8:]  # 24 February to 3 March
EARLY = LIFE["C"][10:16]  # 4 to 9 March: every part is below 13
BY_DAY = Style(time=day_first, seconds=False)
BY_MONTH = Style(time=month_first, seconds=False)
SECONDS = ("nothing", "seconds_lost")


def built() -> dict[str, Fixture]:
    """Build all of them."""
    return _offsets() | _dates()


def _offsets() -> dict[str, Fixture]:
    cells = cells_of("C26", SHORT)
    for place, text in ((0, ""), (4, "Madrid"), (6, "UTC+25:00"), (7, "CET")):
        cells[place][ZONE] = text
    lone = [[*row[:ZONE], "CET", *row[ZONE + 1 :]] for row in cells]
    return {
        "offsets unknown beside known ones": made(
            cells, kept("C26", SHORT), *[("nothing", "neighbours_offset")] * 4
        ),
        "no offset known at all": made(lone, [], *[("row", "unknown_offset")] * len(lone)),
    }


def _dates() -> dict[str, Fixture]:
    bare: Row = {
        "Cycle start time": EARLY[2]["Cycle start time"],
        "Cycle timezone": EARLY[2]["Cycle timezone"],
    }
    mixed = cells_of("C26", SHORT[:4]) + cells_of("C26", SHORT[4:], BY_DAY)
    rows = kept("C26", SHORT[:4]) + kept("C26", SHORT[4:], BY_DAY)
    two = ("row", "ambiguous_date")
    return {
        "a few days, the day first": _sheet(EARLY, BY_DAY, "day_first"),
        "a few days, the month first": _sheet(EARLY, BY_MONTH, "month_first"),
        "a few days sorted upwards": _sheet(EARLY[::-1], BY_DAY, "day_first"),
        "one day only": _sheet(EARLY[2:3], BY_MONTH, "month_first"),
        "a date that may be two": made(cells_of("C26", [bare], BY_DAY), [], two, SECONDS),
        "only some dates of a spreadsheet": made(mixed, rows, ("nothing", "day_first"), SECONDS),
    }


def _sheet(rows: list[Row], style: Style, remark: str) -> Fixture:
    cells = cells_of("C26", rows, style)
    return made(cells, kept("C26", rows, style), ("nothing", remark), SECONDS)
