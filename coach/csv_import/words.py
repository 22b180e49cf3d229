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
        "This is WHOOP's privacy archive, which has another form. Please upload the data export:"
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
    Refusal.UNSAFE_ARCHIVE: _l(
        "This ZIP is put together in a way no export is, so it was not opened."
    ),
}
REASONS: dict[Reason, object] = {reason: reason.value.replace("_", " ") for reason in Reason}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(lambda code: REFUSALS[Refusal(code)], "refusal_words")
    app.add_template_filter(lambda code: REASONS.get(Reason(code), code), "reason_words")
