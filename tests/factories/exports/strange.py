"""Fixtures that are no export: each must be declined, and in its own words."""

import struct

from tests.factories.exports.fixtures import LIFE, Fixture, archive, whole
from tests.factories.exports.titles import ENGLISH
from tests.factories.exports.writing import file

SLEEPS = file("S18", LIFE["S"])

LOOSE = {
    "an empty file": (b" \r\n\n", "empty"),
    "an error page": (b"<!DOCTYPE html><html><body>403</body></html>", "html_page"),
    "a saved link": (b"\xef\xbb\xbf\n<html lang=en>", "html_page"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "pdf_file"),
    "a screenshot": (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
    "a photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
    "a photo of a telephone": (b"\x00\x00\x00\x18ftypheic\x00", "picture"),
    "a drawing": (b"<svg xmlns='x'/>", "picture"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),
    "JSON": (b'{"records": []}', "json_file"),
    "Apple's export.xml": (b'<?xml version="1.0"?><!DOCTYPE HealthData [>', "apple_health"),
    "a GPX track": (b'<?xml version="1.0"?><gpx version="1.1">', "track"),
    "a TCX track": (b"<TrainingCenterDatabase>", "track"),
    "a FIT file": (b"\x0e\x10\x43\x08\x78\x06\x09\x00.FIT\x00", "track"),
    "unknown XML": (b"<?xml version='1.0'?><note/>", "other_file"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(64), "other_file"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c\x00\x04", "other_archive"),
    "a RAR archive": (b"Rar!\x1a\x07", "other_archive"),
    "a gzip file": (b"\x1f\x8b\x08", "other_archive"),
    "Garmin's activities": (b"Activity Type,Date,Favorite,Title,Distance\n", "garmin"),
    "Oura's trends": (b"date,Sleep Score,Readiness Score\n", "oura"),
    "Fitbit's sleep": (b"Start Time,End Time,Minutes Asleep,Minutes Awake\n", "fitbit"),
    "Strava's activities": (b"Activity ID,Activity Date,Activity Name\n", "strava"),
    "an ECG": (b"ECG Recorded,2025\n1,2\n", "ecg"),
    "blood values": (b"Biomarker Name,Value,Status,Recorded On Date\n", "biomarkers"),
    "data of the API": (b"id,score.recovery_score,score.hrv_rmssd_milli\n", "api_data"),
    "a table of the privacy archive": (b"created_at,during,days,scaled_strain\n", "gdpr_archive"),
    "another table": (b"Name,Age\nAnn,40\n", "not_an_export"),
    "just words": (b"just words", "not_an_export"),
    "an export without time zones": (
        ",".join(it for it in ENGLISH["C26"] if it != "Cycle timezone").encode(),
        "missing_column",
    ),
    "a broken archive": (b"PK\x03\x04 and then nothing", "broken_archive"),
}
INSIDE: dict[str, tuple[dict[str, bytes], str]] = {
    "an archive of nothing": ({}, "no_csv_in_zip"),
    "an archive of photos": ({"photo.jpg": b"\xff\xd8"}, "no_csv_in_zip"),
    "Apple's archive": ({"apple_health_export/export.xml": b"<"}, "apple_health"),
    "Garmin's archive": ({f"DI_CONNECT/{it}.json": b"{}" for it in range(60)}, "garmin"),
    "Fitbit's archive": ({"Takeout/Fitbit/Sleep/x.csv": b"a,b\n"}, "fitbit"),
    "Oura's archive": ({"dailyreadiness.csv": b"id;day;score\n"}, "oura"),
    "a spreadsheet": ({"[Content_Types].xml": b"<", "xl/workbook.xml": b"<"}, "spreadsheet"),
    "the privacy archive": ({"Health/cycles.csv": b"during,days\n"}, "gdpr_archive"),
    "an archive in an archive": ({"sleeps.csv": SLEEPS, "inner.zip": b"PK"}, "nested_archive"),
    "an archive in disguise": ({"sleeps.csv": b"PK\x03\x04 "}, "nested_archive"),
    "an archive of empty files": ({"sleeps.csv": b"", "workouts.csv": b"\n"}, "empty"),
    "an archive of other tables": ({"x.csv": b"Name,Age\n"}, "not_an_export"),
    "too many files": ({f"{it}.csv": SLEEPS for it in range(60)}, "too_many_files"),
    "a file that unpacks too far": ({"sleeps.csv": b"0" * 2_000_000}, "too_large"),
}


def built() -> dict[str, Fixture]:
    """Build all of them."""
    made = {name: Fixture(content, refusal=code) for name, (content, code) in LOOSE.items()}
    made |= {name: Fixture(archive(it), refusal=code) for name, (it, code) in INSIDE.items()}
    data = whole().content
    return made | {
        "an archive with a password": Fixture(_locked(data), refusal="encrypted"),
        "half an archive": Fixture(data[: len(data) // 2], refusal="broken_archive"),
        "an archive with something behind": Fixture(data + b"more", refusal="unsafe_archive"),
    }


def _locked(data: bytes) -> bytes:
    """Set the flag that says encrypted, in the directory."""
    at = data.index(b"PK\x01\x02") + 8
    (flags,) = struct.unpack_from("<H", data, at)
    return data[:at] + struct.pack("<H", flags | 1) + data[at + 2 :]
