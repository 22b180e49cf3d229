"""Archives made to do harm are refused before anything in them is unpacked."""

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.csv_import import zips
from coach.csv_import.archive import read_upload
from coach.csv_import.errors import Refusal, SendItUntouched, UploadRefused
from tests.factories import export

SLEEPS = export.text(export.S18, [export.within("2025-05-01 23:10:00") | {"Nap": "false"}])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def refused(path: Path) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        read_upload(path, "export.zip")
    return caught.value


def test_a_header_that_lies_about_its_size_is_stopped(file: Path) -> None:
    export.archive(file, {"sleeps.csv": b"0" * 50_000_000})
    _patch_directory(file, 24, struct.pack("<L", 1000))
    assert refused(file).refusal is Refusal.BROKEN_ARCHIVE


def test_a_header_that_forges_its_checksum_too_gives_only_what_it_declares(file: Path) -> None:
    export.archive(file, {"sleeps.csv": b"0" * 50_000_000})
    _patch_directory(file, 24, struct.pack("<L", 1000))
    _patch_directory(file, 16, struct.pack("<L", zlib.crc32(b"0" * 1000)))
    assert refused(file).refusal is Refusal.NOT_AN_EXPORT


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2000])
def test_an_encrypted_archive_is_refused(file: Path, flag: int) -> None:
    export.archive(file, {"sleeps.csv": SLEEPS})
    _patch_directory(file, 8, struct.pack("<H", flag))
    assert refused(file).refusal is Refusal.ENCRYPTED


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda data: data + b"trailing", Refusal.UNSAFE_ARCHIVE),
        (lambda data: data[:-30], Refusal.BROKEN_ARCHIVE),
        (lambda data: data[:60] + b"\xff" * 20 + data[80:], Refusal.BROKEN_ARCHIVE),
        (lambda data: data[:-18] + b"\x01\x00" + data[-16:], Refusal.UNSAFE_ARCHIVE),  # disk
        (lambda data: data[:-12] + b"\x02\x00" + data[-10:], Refusal.UNSAFE_ARCHIVE),  # count
        (lambda data: data[:-6] + b"\xff" * 4 + data[-2:], Refusal.UNSAFE_ARCHIVE),  # zip64
        (lambda data: b"%PDF-1.7\n" + data, Refusal.PDF_FILE),
        (lambda data: b"<html>" + data, Refusal.HTML_PAGE),
        (lambda data: b"PK\x03\x04" + data, Refusal.UNSAFE_ARCHIVE),
        (lambda data: data.replace(b"PK\x03\x04", b"PK\x03\x05"), Refusal.OTHER_FILE),
    ],
)
def test_a_damaged_or_disguised_archive_is_refused(
    file: Path, spoil: Callable[[bytes], bytes], refusal: Refusal
) -> None:
    data = export.archive(file, {"sleeps.csv": SLEEPS}).read_bytes()
    file.write_bytes(spoil(data))
    assert refused(file).refusal is refusal


def test_a_zip64_archive_is_refused(file: Path) -> None:
    data = export.archive(file, {"sleeps.csv": SLEEPS}).read_bytes()
    at = data.index(b"PK\x05\x06")
    count, length, start = 1, *struct.unpack_from("<2L", data, at + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    file.write_bytes(data[:at] + record + locator + data[at:])
    assert refused(file).refusal is Refusal.UNSAFE_ARCHIVE


@pytest.mark.parametrize("entries", [2, zips.MAX_ENTRIES])
def test_entries_that_overlap_are_refused(file: Path, entries: int) -> None:
    file.write_bytes(_overlapping(entries))
    found = refused(file)
    assert (found.refusal, type(found)) == (Refusal.UNSAFE_ARCHIVE, SendItUntouched)


def test_a_small_bomb_of_a_thousand_overlapping_entries_is_refused(file: Path) -> None:
    file.write_bytes(_overlapping(1000))
    assert file.stat().st_size < 80_000
    assert refused(file).refusal is Refusal.TOO_MANY_FILES


def test_a_directory_that_counts_fewer_entries_than_it_holds_is_refused(file: Path) -> None:
    data = bytearray(_overlapping(1000))
    data[-14:-10] = struct.pack("<2H", 1, 1)
    file.write_bytes(data)
    assert refused(file).refusal is Refusal.TOO_MANY_FILES


def test_an_entry_that_quotes_the_next_one_is_refused(file: Path) -> None:
    inner = _local(b"b.csv", SLEEPS.encode()) + SLEEPS.encode()
    made = _local(b"a.csv", inner) + inner
    heads = [(b"a.csv", inner, 0), (b"b.csv", SLEEPS.encode(), len(made) - len(inner))]
    directory = b"".join(_entry(name, data, at) for name, data, at in heads)
    file.write_bytes(made + directory + _end(2, len(directory), len(made)))
    assert refused(file).refusal is Refusal.UNSAFE_ARCHIVE


@pytest.mark.parametrize("seed", range(300))
def test_a_mangled_archive_is_read_or_refused_and_nothing_else(file: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a die, no secret
    data = bytearray(export.archive(file, {"sleeps.csv": SLEEPS, "b.csv": SLEEPS}).read_bytes())
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(4, len(data))] = dice.randrange(256)
    file.write_bytes(data)
    try:
        texts = read_upload(file, "export.zip")
    except UploadRefused:
        return
    assert {text.name for text in texts}


def _patch_directory(path: Path, offset: int, value: bytes) -> None:
    """Overwrite a field of the first directory entry, counted from its signature."""
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    path.write_bytes(data)


def _overlapping(entries: int) -> bytes:
    """Many directory entries that all point at one compressed kernel of nearly 1 MB."""
    kernel = b"0" * (zips.SMALL - 1)
    deflated = zlib.compress(kernel, 9, -15)
    made = _local(b"0000.csv", kernel, deflated) + deflated
    names = [f"{n:04}.csv".encode() for n in range(entries)]
    directory = b"".join(_entry(name, kernel, 0, deflated) for name in names)
    return made + directory + _end(entries, len(directory), len(made))


def _local(name: bytes, data: bytes, deflated: bytes = b"") -> bytes:
    sums = zlib.crc32(data), len(deflated or data), len(data)
    method = 8 if deflated else 0
    head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, method, 0, 0, *sums, len(name), 0)
    return head + name


def _entry(name: bytes, data: bytes, at: int, deflated: bytes = b"") -> bytes:
    sums = zlib.crc32(data), len(deflated or data), len(data)
    front = (20, 20, 0, 8 if deflated else 0, 0, 0)
    rest = (len(name), 0, 0, 0, 0, 0, at)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *front, *sums, *rest) + name


def _end(entries: int, length: int, start: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, length, start, 0)
