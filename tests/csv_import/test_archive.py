"""A stranger's upload is looked over before it costs anything."""

import io
import zipfile
from pathlib import Path

import pytest

from coach.csv_import import zips
from coach.csv_import.archive import NamedText, read_upload
from coach.csv_import.errors import ChooseTheExport, ExportAgain, Refusal, UploadRefused
from coach.csv_import.reading import Accepted, read_rows
from tests.factories import export

ROW = export.within("2025-05-01 23:10:00") | export.night(
    "2025-05-01 23:10:00", "2025-05-02 07:00:00"
)
CYCLES = export.text(export.C26, [ROW | export.day()])
SLEEPS = export.text(export.S18, [ROW | {"Nap": "false"}])
JOURNAL = export.text(
    export.J6, [export.within("2025-05-01 23:10:00") | export.answer("¿Café?", notes="niño")]
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def refused(path: Path, name: str = "export.zip") -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        read_upload(path, name)
    return caught.value


def accepted(text: NamedText) -> int:
    with text.open() as stream:
        return sum(isinstance(found, Accepted) for found in read_rows(text.name, stream))


class _Unseekable(io.BytesIO):
    """A target that cannot be gone back in, so that sizes stand after the data."""

    def tell(self) -> int:
        raise OSError


def test_the_archive_as_whoop_makes_it_is_opened(file: Path) -> None:
    target = _Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("physiological_cycles.csv", CYCLES)
        made.writestr("sleeps.csv", SLEEPS)
        assert made.infolist()[0].flag_bits & 0x8
    file.write_bytes(target.getvalue())
    texts = read_upload(file, "my_whoop_data_2026_01_01.zip")
    assert [text.name for text in texts] == ["physiological_cycles.csv", "sleeps.csv"]
    assert [accepted(text) for text in texts] == [1, 1]


def test_a_folder_hidden_files_and_other_files_around_the_csvs_are_passed_over(file: Path) -> None:
    files: dict[str, str | bytes] = {
        "my data/sleeps.csv": SLEEPS,
        "my data/.sleeps.csv": "x",
        "__MACOSX/my data/._sleeps.csv": b"\x00\x05",
        "my data/ride.gpx": "<gpx/>",
    }
    texts = read_upload(export.archive(file, files), "again.zip")
    assert [text.name for text in texts] == ["sleeps.csv"]


@pytest.mark.parametrize(
    "name", ["../../sleeps.csv", "/etc/sleeps.csv", "C:\\temp\\sleeps.csv", "a/b/c/d/e/sleeps.csv"]
)
def test_names_are_shown_never_followed(file: Path, name: str) -> None:
    (text,) = read_upload(export.archive(file, {name: SLEEPS}), "a.zip")
    assert text.name == "sleeps.csv"
    assert accepted(text) == 1
    assert list(file.parent.iterdir()) == [file]


def test_a_very_long_name_is_cut_and_control_characters_are_dropped() -> None:
    assert zips.base_name("a/" + "x" * 300) == "x" * 100
    assert zips.base_name("sle\x00e\x1bps.csv\u202e") == "sleeps.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_loose_csv_is_read_in_any_of_its_encodings(file: Path, encoding: str) -> None:
    file.write_bytes(JOURNAL.encode(encoding))
    (text,) = read_upload(file, "journal_entries (1).csv")
    with text.open() as stream:
        (found,) = read_rows(text.name, stream)
    assert isinstance(found, Accepted)
    assert found.raw["Question text"] == "¿Café?"


@pytest.mark.parametrize(
    ("content", "refusal", "todo"),
    [
        (b"", Refusal.EMPTY, ExportAgain),
        (b"\xef\xbb\xbf \r\n", Refusal.EMPTY, ExportAgain),
        (b"<!DOCTYPE html><html></html>", Refusal.HTML_PAGE, ChooseTheExport),
        (b"\n  <svg/>", Refusal.PICTURE, ChooseTheExport),
        (b"%PDF-1.7\n", Refusal.PDF_FILE, ChooseTheExport),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Refusal.PICTURE, ChooseTheExport),
        (b"Name,Age\nAnn,40\n", Refusal.NOT_AN_EXPORT, ChooseTheExport),
        (b"just words", Refusal.NOT_AN_EXPORT, ChooseTheExport),
        (b"during,days,scaled_strain\n", Refusal.GDPR_ARCHIVE, ChooseTheExport),
        (b"PK\x03\x04 and then nothing", Refusal.BROKEN_ARCHIVE, ExportAgain),
    ],
)
def test_another_file_is_declined_in_its_own_words(
    file: Path, content: bytes, refusal: Refusal, todo: type[UploadRefused]
) -> None:
    file.write_bytes(content)
    found = refused(file, "sleeps.csv")
    assert (found.refusal, type(found)) == (refusal, todo)


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ({}, Refusal.NO_CSV_IN_ZIP),
        ({"photo.jpg": b"\xff\xd8"}, Refusal.NO_CSV_IN_ZIP),
        ({"people.csv": "Name,Age\n"}, Refusal.NOT_AN_EXPORT),
        ({"sleeps.csv": ""}, Refusal.EMPTY),
        ({"Health/cycles.csv": "during,days\n", "Health/x.csv": "a\n"}, Refusal.GDPR_ARCHIVE),
        ({"sleeps.csv": SLEEPS, "inner.zip": b"PK"}, Refusal.NESTED_ARCHIVE),
        ({"sleeps.csv": b"PK\x03\x04 in disguise"}, Refusal.NESTED_ARCHIVE),
        ({f"{n}.csv": SLEEPS for n in range(zips.MAX_ENTRIES + 1)}, Refusal.TOO_MANY_FILES),
        ({"sleeps.csv": SLEEPS, "SLEEPS.CSV": SLEEPS}, Refusal.UNSAFE_ARCHIVE),
        ({"sleeps.csv": b"0" * 2_000_000}, Refusal.TOO_LARGE),
    ],
)
def test_an_archive_of_something_else_or_too_much_is_declined(
    file: Path, files: dict[str, str | bytes], refusal: Refusal
) -> None:
    assert refused(export.archive(file, files)).refusal is refusal


def test_one_strange_csv_does_not_refuse_the_others(file: Path) -> None:
    texts = read_upload(export.archive(file, {"a.csv": "x,y\n", "sleeps.csv": SLEEPS}), "a.zip")
    assert [accepted(text) for text in texts] == [0, 1]


def test_duplicate_names_are_refused(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("sleeps.csv", SLEEPS)
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("sleeps.csv", CYCLES)
    assert refused(file).refusal is Refusal.UNSAFE_ARCHIVE


def test_a_link_in_an_archive_is_refused(file: Path) -> None:
    link = zipfile.ZipInfo("sleeps.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(link, "/etc/passwd")
    assert refused(file).refusal is Refusal.UNSAFE_ARCHIVE


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(file: Path, method: int) -> None:
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr("sleeps.csv", SLEEPS)
    assert refused(file).refusal is Refusal.UNSAFE_ARCHIVE


def test_the_declared_total_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export.archive(file, {"sleeps.csv": SLEEPS, "cycles.csv": CYCLES})
    monkeypatch.setattr(zips, "MAX_UNPACKED", len(SLEEPS) + 1)
    assert refused(file).refusal is Refusal.TOO_LARGE


def test_the_bytes_are_counted_whatever_is_declared(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(SLEEPS)
    monkeypatch.setattr("coach.csv_import.archive.MAX_UNPACKED", 100)
    assert refused(file).refusal is Refusal.TOO_LARGE
