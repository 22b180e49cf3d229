"""Whatever is uploaded is read or refused: no crash, no hang, no row lost without a word."""

import io
from pathlib import Path

import pytest

from coach.csv_import.archive import NamedText, read_upload
from coach.csv_import.errors import UploadRefused
from coach.csv_import.problems import Problem, Spoils
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import from_parsed, parsed
from tests.csv_import.mutating import lines_with_something, mutated

FAST, SLOW, AT_ONCE = 600, 51_000, 1_500


class Metered(io.StringIO):
    """A text that counts what is read of it: work is bounded by counting, not by a clock."""

    given = 0

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # of bytes too
        line = super().readline(-1 if size is None else size)
        self.given += len(line)
        return line


def _survives(path: Path, seed: int) -> None:
    path.write_bytes(mutated(seed))
    try:
        texts = read_upload(path, "upload")
    except UploadRefused:
        return
    assert any(text.header for text in texts)
    for text in texts:
        _is_read_to_its_end(text)


def _is_read_to_its_end(named: NamedText) -> None:
    with named.open() as stream:
        text = Metered(stream.read(), newline="")
    found = list(read_rows(named.name, text))
    assert text.given <= 2 * len(text.getvalue())
    for it in found:
        if isinstance(it, Accepted):
            assert from_parsed(it.row.kind, parsed(it.row)) == it.row
    _nothing_is_lost(text.getvalue(), found)


def _nothing_is_lost(text: str, found: list[Accepted | Problem]) -> None:
    of_rows = [it for it in found if isinstance(it, Accepted) or it.spoils is Spoils.ROW]
    lines = [it.line for it in of_rows]
    assert lines == sorted(set(lines)), "a row is stored or reported once"
    whole = not any(isinstance(it, Problem) and it.spoils is Spoils.FILE for it in found)
    if whole and '"' not in text:
        headed = lines_with_something(text) - len(of_rows)
        assert headed in {0, 1}, "every row but the header is stored or reported"


@pytest.mark.parametrize("start", range(0, FAST, 100))
def test_a_few_hundred_damaged_files_are_read_or_refused(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + 100):
        _survives(tmp_path / "upload", seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(FAST, FAST + SLOW, AT_ONCE))
def test_fifty_thousand_damaged_files_are_read_or_refused(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + AT_ONCE):
        _survives(tmp_path / "upload", seed)
