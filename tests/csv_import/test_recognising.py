"""A file is known by its titles in any language, and by its shape in every other."""

import pytest

from coach.csv_import.cells import folded
from coach.csv_import.headers import GENERATIONS, Kind
from coach.csv_import.languages import TRANSLATED
from coach.csv_import.recognising import lacking, recognise
from tests.factories import export
from tests.factories.exports.fixtures import LIFE
from tests.factories.exports.titles import TITLES
from tests.factories.exports.writing import cells_of


def test_no_two_columns_of_a_language_share_a_title() -> None:
    for titles in TRANSLATED.values():
        assert len({folded(title) for title in titles.values()}) == len(titles)


def test_every_title_ever_seen_is_known_by_name() -> None:
    for language, forms in TITLES.items():
        for form, titles in forms.items():
            unseen = ("inconnu", "desconhecido", "中")
            known = [it for it in titles if not any(word in it for word in unseen)]
            header = recognise(known)
            found = [it for it in header.columns if it] if header else []
            assert len(found) == (0 if known[3:] == [] else len(known)), (language, form)


@pytest.mark.parametrize("titles", [export.S17, export.W17])
def test_files_of_equal_width_are_told_apart_by_what_their_cells_hold(titles: list[str]) -> None:
    form = "S17" if titles is export.S17 else "W17"
    rows = cells_of(form, LIFE[form[0]])
    header = recognise(["?"] * 17, rows)
    assert header
    assert header.kind is (Kind.SLEEP if form == "S17" else Kind.WORKOUT)


def test_bad_cells_cost_a_row_its_vote_only() -> None:
    rows = cells_of("C26", LIFE["C"])
    for row in rows[:20]:
        row[4] = "bad"
    header = recognise(["?"] * 26, rows)
    assert header
    assert header.generation == "C26"


@pytest.mark.parametrize("width", [5, 7, 24, 27, 100])
def test_an_unknown_header_of_another_width_is_none_of_ours(width: int) -> None:
    rows = [["2025-05-01 23:10:05", "", "UTCZ", *["1"] * (width - 3)]]
    assert recognise(["?"] * width, rows) is None


def test_an_unknown_header_without_rows_is_none_of_ours() -> None:
    assert recognise(["?"] * 26) is None


def test_every_generation_has_a_name_of_kind_and_width() -> None:
    for it in GENERATIONS:
        assert it.name == f"{it.kind.value[0].upper()}{len(it.columns)}"


def test_columns_that_two_files_share_are_those_of_the_more_special_one() -> None:
    header = recognise(["Cycle start time", "Cycle timezone", "Sleep onset", "Wake onset"])
    assert header
    assert (header.kind, header.generation) == (Kind.SLEEP, None)


@pytest.mark.parametrize("missing", ["Cycle start time", "Cycle timezone"])
def test_the_column_a_file_lacks_is_named(missing: str) -> None:
    titles = [title for title in export.C26 if title != missing]
    assert recognise(titles) is None
    assert lacking(titles) == missing


def test_of_a_strangers_table_nothing_is_said_to_be_missing() -> None:
    assert lacking(["Max HR (bpm)", "Average HR (bpm)", "Date"]) == ""
    assert lacking(export.C26) == ""
