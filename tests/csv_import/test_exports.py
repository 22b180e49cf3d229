"""Every generation, language and quirk gives exactly the rows it must, and says what it lost."""

from collections import Counter
from pathlib import Path

import pytest

from coach.csv_import.archive import NamedText, read_upload
from coach.csv_import.errors import UploadRefused
from coach.csv_import.problems import Problem
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import parsed
from tests.factories.exports.fixtures import Fixture
from tests.factories.exports.table import FIXTURES

TAKEN = [name for name, it in FIXTURES.items() if not it.refusal]
DECLINED = [name for name, it in FIXTURES.items() if it.refusal]


def upload(path: Path, fixture: Fixture) -> list[NamedText]:
    file = path / "upload"
    file.write_bytes(fixture.content)
    return read_upload(file, fixture.name)


def read(texts: list[NamedText]) -> list[Accepted | Problem]:
    found: list[Accepted | Problem] = []
    for text in texts:
        with text.open() as stream:
            found += read_rows(text.name, stream)
    return found


def test_there_are_enough_fixtures_of_everything() -> None:
    assert len(TAKEN) >= 60
    assert len(DECLINED) >= 30


@pytest.mark.parametrize("name", TAKEN)
def test_an_export_gives_its_rows_and_reports_the_rest(name: str, tmp_path: Path) -> None:
    fixture = FIXTURES[name]
    found = read(upload(tmp_path, fixture))
    rows = [(it.row.kind.value, parsed(it.row)) for it in found if isinstance(it, Accepted)]
    assert rows == list(fixture.rows)
    reported = Counter(
        (it.spoils.value, it.reason.value) for it in found if isinstance(it, Problem)
    )
    assert reported == fixture.reported


@pytest.mark.parametrize("name", TAKEN)
def test_language_and_generation_of_every_file_are_told(name: str, tmp_path: Path) -> None:
    texts = upload(tmp_path, FIXTURES[name])
    told = [
        (text.header.language, text.header.generation) if text.header else (None, None)
        for text in texts
    ]
    assert told == list(FIXTURES[name].told)


@pytest.mark.parametrize("name", DECLINED)
def test_what_is_no_export_is_declined_for_its_own_reason(name: str, tmp_path: Path) -> None:
    with pytest.raises(UploadRefused) as caught:
        upload(tmp_path, FIXTURES[name])
    assert caught.value.refusal == FIXTURES[name].refusal
