"""Rows in are rows stored and rows reported, whatever the cells hold and however they are written."""

import io
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.csv_import.problems import Problem, Spoils
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.survey import Offsets
from tests.factories.exports.copies import STYLES
from tests.factories.exports.fixtures import LIFE
from tests.factories.exports.titles import TITLES
from tests.factories.exports.writing import Style, cells_of, write

ODD = st.one_of(
    st.sampled_from(["", " ", "-", "NaN", "∞", "1,5", "44.0", "UTC", "CET", "3/7/2025 0:05", "sí"]),
    # A bare CR, which csv.writer of Python 3.11 leaves unquoted, would end the row.
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12),
)
STYLE = st.sampled_from(list(STYLES.values()))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Sequence[str], list[list[str]], Style]:
    """Draw real rows in which some cells became something else, and some rows longer or shorter."""
    language = draw(st.sampled_from(list(TITLES)))
    form = draw(st.sampled_from(list(TITLES[language])))
    rows = [[*row] for row in cells_of(form, draw(st.permutations(LIFE[form[0]])))]
    for row in draw(st.lists(st.sampled_from(rows), max_size=8)):
        row[draw(st.integers(0, len(row) - 1))] = draw(ODD)
    for row in draw(st.lists(st.sampled_from(rows), max_size=2)):
        row[draw(st.integers(0, len(row))) :] = draw(st.lists(ODD, max_size=4))
    return TITLES[language][form], rows, draw(STYLE)


@settings(deadline=None)
@given(tables())
def test_every_row_is_stored_or_reported_once(
    table: tuple[Sequence[str], list[list[str]], Style],
) -> None:
    titles, rows, style = table
    content = write(titles, rows, Style(style.delimiter, style.newline, quote_all=style.quote_all))
    found = list(read_rows("x", io.StringIO(content.decode(), newline="")))
    told = [it for it in found if isinstance(it, Accepted) or it.spoils is Spoils.ROW]
    assert len(told) == sum(any(cell.strip() for cell in row) for row in rows)
    assert not any(isinstance(it, Problem) and it.spoils is Spoils.FILE for it in found)


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 60), st.integers(-720, 840), min_size=1), st.integers(1, 60))
def test_the_nearest_offset_is_that_of_no_line_nearer(known: dict[int, int], line: int) -> None:
    offsets = Offsets()
    for at in sorted(known):
        offsets.add(at, known[at])
    nearest = min(known, key=lambda at: (abs(at - line), at))
    assert offsets.nearest(line) == known[nearest]
    assert Offsets().nearest(line) is None
