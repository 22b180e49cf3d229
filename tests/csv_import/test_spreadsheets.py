"""What programs make of an export when they save it again, beyond its dates."""

from pathlib import Path

import pytest

from coach.csv_import.archive import read_upload
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import JournalRow
from tests.csv_import.made_up import CYCLE, problems, rows
from tests.factories import export

WHOLE = export.text(export.C26, [CYCLE])


@pytest.mark.parametrize("hint", ["sep={}\n", '"sep={}"\r\n', "\n\nSEP={}\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_line_that_names_the_separator_is_no_header(hint: str, delimiter: str) -> None:
    saved = hint.format(delimiter) + WHOLE.replace(",", delimiter)
    assert rows(saved) == rows(WHOLE)
    assert problems(saved) == []


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_where_a_comma_divides_nothing_it_may_stand_in_numbers(delimiter: str) -> None:
    saved = WHOLE.replace(",", delimiter).replace(".", ",")
    assert rows(saved) == rows(WHOLE)
    assert problems(saved) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str) -> None:
    note = CYCLE | export.answer("Кофе?") | {"Notes": "ещё и 抹茶"}
    path = tmp_path / "upload"
    path.write_bytes(export.text(export.J6, [note]).encode(encoding))
    (table,) = read_upload(path, "journal_entries.csv")
    with table.open() as text:
        (found,) = read_rows(table.name, text)
    assert isinstance(found, Accepted)
    assert isinstance(found.row, JournalRow)
    assert (found.row.question_text, found.row.notes) == ("Кофе?", "ещё и 抹茶")
