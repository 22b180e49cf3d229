"""Files people take for WHOOP's export: what they are, told from a glance at them."""

import codecs
import re
from collections.abc import Sequence

from coach.csv_import.cells import folded
from coach.csv_import.errors import Refusal

_UTF_16 = (  # by its mark, or by the titles, which begin with letters of one byte
    ("utf-16", re.compile(rb"\xff\xfe|\xfe\xff")),
    ("utf-16-le", re.compile(rb"(?:[ -~]\x00){4}")),
    ("utf-16-be", re.compile(rb"(?:\x00[ -~]){4}")),
)
_FEW = 50  # one NUL in so many bytes is an accident in a text

_BEGINNINGS = (
    (b"%PDF-", Refusal.PDF_FILE),
    (b"\x89PNG", Refusal.PICTURE),
    (b"\xff\xd8\xff", Refusal.PICTURE),
    (b"GIF8", Refusal.PICTURE),
    (b"II*\x00", Refusal.PICTURE),
    (b"MM\x00*", Refusal.PICTURE),
    (b"\xd0\xcf\x11\xe0", Refusal.SPREADSHEET),
    (b"7z\xbc\xaf\x27\x1c", Refusal.OTHER_ARCHIVE),
    (b"Rar!", Refusal.OTHER_ARCHIVE),
    (b"\x1f\x8b", Refusal.OTHER_ARCHIVE),
    (b"BZh", Refusal.OTHER_ARCHIVE),
    (b"\xfd7zXZ", Refusal.OTHER_ARCHIVE),
    (b"{", Refusal.JSON_FILE),
    (b"[", Refusal.JSON_FILE),
)
_FORMATS = (  # after a length, as films, photos and watches write it
    (4, b"ftyp", Refusal.PICTURE),
    (8, b"WEBP", Refusal.PICTURE),
    (8, b".FIT", Refusal.TRACK),
)
_MARKUP = (
    (b"healthdata", Refusal.APPLE_HEALTH),
    (b"<gpx", Refusal.TRACK),
    (b"<trainingcenterdatabase", Refusal.TRACK),
    (b"<svg", Refusal.PICTURE),
    (b"<workbook", Refusal.SPREADSHEET),
    (b"<html", Refusal.HTML_PAGE),
    (b"<!doctype html", Refusal.HTML_PAGE),
)
_TITLES = (  # all of these stand in the header
    ({"coachexport"}, Refusal.OUR_TABLE),
    ({"during"}, Refusal.GDPR_ARCHIVE),
    ({"biomarkername"}, Refusal.BIOMARKERS),
    ({"readinessscore"}, Refusal.OURA),
    ({"sleepscore", "restingheartrate", "bodybattery"}, Refusal.GARMIN),
    ({"activitytype", "favorite"}, Refusal.GARMIN),
    ({"minutesasleep", "minutesawake"}, Refusal.FITBIT),
    ({"caloriesburned", "steps"}, Refusal.FITBIT),
    ({"sleeplogentryid"}, Refusal.FITBIT),
    ({"activityid", "activitydate"}, Refusal.STRAVA),
)
_INSIDE = (  # names that only these archives hold
    (b"apple_health_export/", Refusal.APPLE_HEALTH),
    (b"di_connect/", Refusal.GARMIN),
    (b"takeout/fitbit", Refusal.FITBIT),
    (b"dailyreadiness.csv", Refusal.OURA),
    (b"xl/workbook.xml", Refusal.SPREADSHEET),
    (b"index/document.iwa", Refusal.SPREADSHEET),
    (b"meta-inf/manifest.xml", Refusal.SPREADSHEET),
    (b"health/metrics-", Refusal.GDPR_ARCHIVE),
)


def utf_16(head: bytes) -> str | None:
    """Tell from its first bytes which UTF-16 a text is in; None when it is in another encoding."""
    return next((name for name, begins in _UTF_16 if begins.match(head)), None)


def by_bytes(head: bytes) -> Refusal | None:
    """Tell from its first bytes what a file is that is no text with columns; None when it may be."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        return Refusal.EMPTY
    if found := next((what for mark, what in _BEGINNINGS if start.startswith(mark)), None):
        return found
    if found := next((what for at, mark, what in _FORMATS if head.startswith(mark, at)), None):
        return found
    if start.startswith(b"<"):
        page = start[:4096].lower()
        return next((what for mark, what in _MARKUP if mark in page), Refusal.OTHER_FILE)
    if not utf_16(head) and head.count(b"\x00") * _FEW > len(head):
        return Refusal.OTHER_FILE
    return None


def by_titles(titles: Sequence[str]) -> Refusal | None:
    """Tell from its header whose table it is; None when we never saw one like it."""
    names = {folded(title) for title in titles}
    if found := next((what for all_of, what in _TITLES if all_of <= names), None):
        return found
    if any("electrocardiogram" in name or name.startswith("ecg") for name in names):
        return Refusal.ECG
    if any(title.startswith("score.") for title in titles):
        return Refusal.API_DATA
    return None


def by_names_inside(directory: bytes) -> Refusal | None:
    """Tell from the directory of an archive whose it is; None when we never saw one like it."""
    names = directory.lower()
    return next((what for mark, what in _INSIDE if mark in names), None)
