"""Several files chosen at once are one upload, whatever they are."""

import io
from pathlib import Path

import pytest

from coach.csv_import.archive import read_upload
from coach.csv_import.errors import Refusal, UploadRefused
from coach.csv_import.parts import Part, parts_of, put_together
from coach.csv_import.problems import Problem, Reason
from coach.csv_import.reading import Accepted, read_rows
from tests.factories.exports.fixtures import LIFE, archive, whole
from tests.factories.exports.strange import INSIDE
from tests.factories.exports.writing import file

CYCLES, SLEEPS = file("C26", LIFE["C"]), file("S18", LIFE["S"])
JOURNAL = file("J6", LIFE["J"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def keep(path: Path, *files: tuple[str, bytes]) -> Path:
    with path.open("wb") as target:
        size = put_together(((name, io.BytesIO(it)) for name, it in files), target)
    assert size == sum(len(it) for _, it in files)
    return path


def outcome(path: Path) -> dict[str, tuple[int, list[Reason]]]:
    """Give, by file, how many rows it gave and what was wrong with it."""
    told = {}
    for text in read_upload(path, "upload"):
        with text.open() as stream:
            found = list(read_rows(text.name, stream))
        accepted = sum(isinstance(it, Accepted) for it in found)
        told[text.name] = accepted, [it.reason for it in found if isinstance(it, Problem)]
    return told


def test_an_archive_and_loose_tables_come_together(path: Path) -> None:
    zipped = archive({"physiological_cycles.csv": CYCLES, "sleeps.csv": SLEEPS}, streamed=True)
    kept = keep(path, ("my_whoop_data.zip", zipped), ("Tagebuch.txt", JOURNAL))
    assert outcome(kept) == {
        "physiological_cycles.csv": (len(LIFE["C"]), []),
        "sleeps.csv": (len(LIFE["S"]), []),
        "Tagebuch.txt": (len(LIFE["J"]), []),
    }


def test_two_archives_come_together(path: Path) -> None:
    first, second = archive({"a.csv": CYCLES}), archive({"b/b.csv": SLEEPS})
    assert outcome(keep(path, ("1.zip", first), ("2.zip", second))) == {
        "a.csv": (len(LIFE["C"]), []),
        "b.csv": (len(LIFE["S"]), []),
    }


@pytest.mark.parametrize("stranger", [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n\x00", b"<html>", b"a,b\n"])
def test_a_stranger_among_ours_is_reported_and_does_no_harm(path: Path, stranger: bytes) -> None:
    told = outcome(keep(path, ("cycles.csv", CYCLES), ("other", stranger)))
    assert told["cycles.csv"] == (len(LIFE["C"]), [])
    assert told["other"] == (0, [Reason.UNKNOWN_HEADER])


def test_an_empty_file_among_ours_is_reported(path: Path) -> None:
    told = outcome(keep(path, ("sleeps.csv", b""), ("cycles.csv", CYCLES)))
    assert told["sleeps.csv"] == (0, [Reason.EMPTY_FILE])


@pytest.mark.parametrize("name", ["an archive in an archive", "a file that unpacks too far"])
def test_an_archive_that_could_do_harm_refuses_all_of_them(path: Path, name: str) -> None:
    files, refusal = INSIDE[name]
    with pytest.raises(UploadRefused) as caught:
        read_upload(keep(path, ("cycles.csv", CYCLES), ("x.zip", archive(files))), "upload")
    assert caught.value.refusal == refusal


def test_strangers_alone_are_declined_for_what_the_first_is(path: Path) -> None:
    kept = keep(path, ("a.pdf", b"%PDF-1.7"), ("b.png", b"\x89PNG"))
    with pytest.raises(UploadRefused) as caught:
        read_upload(kept, "upload")
    assert caught.value.refusal is Refusal.PDF_FILE


def test_the_files_of_all_archives_are_counted_together(path: Path) -> None:
    many = archive({f"{at}.csv": SLEEPS for at in range(30)})
    with pytest.raises(UploadRefused) as caught:
        read_upload(keep(path, ("1.zip", many), ("2.zip", many)), "upload")
    assert caught.value.refusal is Refusal.TOO_MANY_FILES


def test_the_bytes_of_all_files_are_counted_together(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.csv_import.archive.MAX_UNPACKED", len(CYCLES) + len(SLEEPS) - 1)
    with pytest.raises(UploadRefused) as caught:
        read_upload(keep(path, ("1.zip", archive({"a.csv": CYCLES})), ("2", SLEEPS)), "upload")
    assert caught.value.refusal is Refusal.TOO_LARGE


def test_the_same_files_make_the_same_upload(tmp_path: Path) -> None:
    first, second = (
        keep(tmp_path / name, ("a.csv", CYCLES), ("b.csv", SLEEPS)).read_bytes() for name in "xy"
    )
    assert first == second


def test_a_forged_mark_opens_one_level_and_no_more(path: Path) -> None:
    inner = keep(path, ("cycles.csv", CYCLES)).read_bytes()
    outer = keep(path, ("inner.zip", keep(path, ("inner.zip", inner)).read_bytes()))
    with pytest.raises(UploadRefused) as caught:
        read_upload(outer, "upload")
    assert caught.value.refusal is Refusal.NESTED_ARCHIVE


def test_a_single_file_is_itself(path: Path) -> None:
    path.write_bytes(whole().content)
    assert parts_of(path, "C:\\my data\\export.zip") == [Part("export.zip", path)]


def test_a_part_is_read_from_anywhere_and_never_beyond(path: Path) -> None:
    path.write_bytes(b"before|inside|behind")
    with Part("x", path, 7, 6).open() as file:
        assert (file.seek(-3, 2), file.read()) == (3, b"ide")
        assert (file.seek(0), file.read(), file.read()) == (0, b"inside", b"")
        with pytest.raises((ValueError, OSError)):
            file.seek(-1)
