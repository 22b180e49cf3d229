"""Why an upload is refused as a whole, named by what the person should do next.

UploadRefused
├── ChooseTheExport   this is another file: choose the ZIP from WHOOP, or its CSVs
├── ExportAgain       the right kind of file, but empty or damaged: export or download it again
└── SendItUntouched   not opened, because it could do harm: send the file as WHOOP made it

Each carries a machine code, `refusal`; the words a person reads belong to the screens.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """What is wrong with the upload."""

    NOT_AN_EXPORT = "not_an_export"
    MISSING_COLUMN = "missing_column"
    NO_CSV_IN_ZIP = "no_csv_in_zip"
    GDPR_ARCHIVE = "gdpr_archive"
    HTML_PAGE = "html_page"
    PDF_FILE = "pdf_file"
    PICTURE = "picture"
    SPREADSHEET = "spreadsheet"
    JSON_FILE = "json_file"
    APPLE_HEALTH = "apple_health"
    GARMIN = "garmin"
    OURA = "oura"
    FITBIT = "fitbit"
    STRAVA = "strava"
    TRACK = "track"
    ECG = "ecg"
    BIOMARKERS = "biomarkers"
    API_DATA = "api_data"
    OTHER_ARCHIVE = "other_archive"
    OTHER_FILE = "other_file"
    OUR_TABLE = "our_table"
    EMPTY = "empty"
    BROKEN_ARCHIVE = "broken_archive"
    TOO_LARGE = "too_large"
    TOO_MANY_FILES = "too_many_files"
    ENCRYPTED = "encrypted"
    NESTED_ARCHIVE = "nested_archive"
    UNSAFE_ARCHIVE = "unsafe_archive"


class UploadRefused(Exception):
    """The upload as a whole is not taken; nothing of it was stored."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class ChooseTheExport(UploadRefused):
    """It is another file than WHOOP's export."""


class ExportAgain(UploadRefused):
    """The file is empty or damaged."""


class SendItUntouched(UploadRefused):
    """The file could do harm, so it is not opened."""
