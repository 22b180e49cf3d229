"""Why an upload or a line was refused, in words that say what to do."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from coach.csv_import.errors import Refusal
from coach.csv_import.problems import Reason

REFUSALS = {
    Refusal.EMPTY: _l("The file is empty. Download it from WHOOP's mail once more."),
    Refusal.NOT_AN_EXPORT: _l(
        "This is not WHOOP's data export. In the WHOOP app: More, App Settings, Data Export."
    ),
    Refusal.NO_CSV_IN_ZIP: _l(
        "There is no CSV file in this ZIP. Upload the one that WHOOP's mail links to."
    ),
    Refusal.GDPR_ARCHIVE: _l(
        "This is WHOOP's privacy archive, which has another format. Please upload the data export:"
        " in the WHOOP app, More, App Settings, Data Export."
    ),
    Refusal.HTML_PAGE: _l(
        "This is a web page, perhaps the saved link. Open the link and upload the ZIP it gives."
    ),
    Refusal.PDF_FILE: _l("This is a PDF. Upload the ZIP or the CSV files of WHOOP's data export."),
    Refusal.OTHER_FILE: _l("This is neither a ZIP nor a CSV file of WHOOP's data export."),
    Refusal.BROKEN_ARCHIVE: _l("The ZIP is damaged. Download it from WHOOP's mail once more."),
    Refusal.TOO_LARGE: _l("Unpacked, this is far larger than any WHOOP export. Nothing was read."),
    Refusal.TOO_MANY_FILES: _l(
        "There are too many files in this ZIP. Upload only the CSV files of the data export."
    ),
    Refusal.ENCRYPTED: _l("The ZIP has a password. Upload it without one."),
    Refusal.NESTED_ARCHIVE: _l("There is a ZIP inside this ZIP. Upload the inner one."),
    Refusal.UNSAFE_ARCHIVE: _l("This ZIP is not built like a WHOOP export, so it was not opened."),
}
REASONS = {
    Reason.NOT_A_NUMBER: _l("not a number, so this cell was left empty"),
    Reason.NOT_A_FLAG: _l("neither true nor false, so this cell was left empty"),
    Reason.IMPLAUSIBLE: _l("not possible for a person, so it is kept but not shown"),
    Reason.EXTRA_CELLS: _l("more cells than the header has; the other cells were read"),
    Reason.NOT_A_TIME: _l("a time in a form WHOOP does not write; upload the file untouched"),
    Reason.UNKNOWN_OFFSET: _l("the time zone is missing or unknown, so the row was left out"),
    Reason.MISSING: _l("a time that every row needs is missing"),
    Reason.NO_CYCLE: _l("an answer of a day that is not finished; it comes with the next export"),
    Reason.BROKEN_QUOTES: _l("a quotation mark is never closed"),
    Reason.EMPTY_FILE: _l("the file has no rows"),
    Reason.UNKNOWN_HEADER: _l("these columns are not those of WHOOP's export"),
    Reason.TOO_MANY_COLUMNS: _l("far more columns than any export has"),
    Reason.TOO_MANY_ROWS: _l("far more rows than any export has; the rest was left out"),
    Reason.UNREADABLE_REST: _l("the rest of the file cannot be read"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(lambda code: REFUSALS[Refusal(code)], "refusal_words")
    app.add_template_filter(lambda code: REASONS[Reason(code)], "reason_words")
