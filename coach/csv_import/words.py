"""What screens say of an upload: how far it is, what it is, why it or a line was refused."""

from collections.abc import Mapping

from babel import Locale
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coach.csv_import.errors import Refusal
from coach.csv_import.headers import Kind
from coach.csv_import.problems import Reason, ValueClass
from coach.csv_import.steps import Step
from coach.days.differences import Fate

# In words, and the kind of badge.
STEPS = {
    Step.READING: (_l("Being read"), "note"),
    Step.STUCK: (_l("Reading failed"), "bad"),
    Step.COMPARING: (_l("Being compared"), "note"),
    Step.PREVIEW: (_l("Waits for you"), "warn"),
    Step.APPLYING: (_l("Being applied"), "note"),
    Step.NOT_APPLIED: (_l("Applying failed"), "bad"),
    Step.REFUSED: (_l("Refused"), "bad"),
    Step.DONE: (_l("Applied"), "good"),
    Step.UNDOING: (_l("Being undone"), "note"),
    Step.NOT_UNDONE: (_l("Undoing failed"), "bad"),
    Step.UNDONE: (_l("Undone"), ""),
    Step.DISCARDED: (_l("Discarded"), ""),
}
FATES = {
    Fate.NEW: (_l("New"), "good"),
    Fate.CHANGED: (_l("Changed"), "note"),
    Fate.KEPT: (_l("Yours stays"), "warn"),
    Fate.SAME: (_l("Same"), ""),
}
KINDS = {
    Kind.CYCLE: _l("Days"),
    Kind.SLEEP: _l("Sleeps and naps"),
    Kind.WORKOUT: _l("Workouts"),
    Kind.JOURNAL: _l("Journal"),
}
GENERATIONS = {
    "C25": _l("form of before 2024"),
    "C26": _l("form since 2024"),
    "S17": _l("form of before 2024"),
    "S18": _l("form since 2024"),
    "W20": _l("form until autumn 2025"),
    "W17": _l("form since autumn 2025"),
    "J6": _l("form of all years"),
}
VALUE_CLASSES = {
    ValueClass.EMPTY: _l("an empty cell"),
    ValueClass.NUMBER: _l("a number"),
    ValueClass.DECIMAL_COMMA: _l("a number with a comma"),
    ValueClass.TIME: _l("a time"),
    ValueClass.SPREADSHEET_DATE: _l("a date as spreadsheets write it"),
    ValueClass.TEXT: _l("text"),
}

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
    Refusal.PICTURE: _l(
        "This is a picture. Upload the ZIP or the CSV files of WHOOP's data export."
    ),
    Refusal.SPREADSHEET: _l(
        "This is a spreadsheet. Save it as CSV, or better, upload the ZIP as WHOOP sent it."
    ),
    Refusal.JSON_FILE: _l(
        "This is a JSON file, perhaps of an app. Please upload the ZIP of WHOOP's data export."
    ),
    Refusal.APPLE_HEALTH: _l(
        "This is from Apple Health. Please upload WHOOP's own data export: in the WHOOP app, More,"
        " App Settings, Data Export."
    ),
    Refusal.GARMIN: _l(
        "This is from Garmin. We read WHOOP's data export: in the WHOOP app, More, App Settings,"
        " Data Export."
    ),
    Refusal.OURA: _l(
        "This is from Oura. We read WHOOP's data export: in the WHOOP app, More, App Settings,"
        " Data Export."
    ),
    Refusal.FITBIT: _l(
        "This is from Fitbit. We read WHOOP's data export: in the WHOOP app, More, App Settings,"
        " Data Export."
    ),
    Refusal.STRAVA: _l(
        "This is from Strava. We read WHOOP's data export: in the WHOOP app, More, App Settings,"
        " Data Export."
    ),
    Refusal.TRACK: _l(
        "This is the track of one activity. The workouts are in WHOOP's data export: upload its"
        " ZIP."
    ),
    Refusal.ECG: _l(
        "This is an ECG, which we do not read. Show it to a doctor, and upload the ZIP of WHOOP's"
        " data export here."
    ),
    Refusal.BIOMARKERS: _l(
        "These are blood values, which we do not read. Upload the ZIP of WHOOP's data export."
    ),
    Refusal.API_DATA: _l(
        "This was fetched from WHOOP by a program, in another format. Connect WHOOP instead, or"
        " upload the ZIP of its data export."
    ),
    Refusal.OTHER_ARCHIVE: _l(
        "We cannot open this kind of archive. Unpack it and upload the CSV files in it."
    ),
    Refusal.MISSING_COLUMN: _l(
        "The start or the time zone of the cycles is missing here, and without them no row has a"
        " date. Upload the file as WHOOP made it."
    ),
    Refusal.OUR_TABLE: _l(
        "This is a table that Coach made for reading. Upload the whole ZIP it came in: it holds your"
        " data in WHOOP's own form too."
    ),
    Refusal.OTHER_FILE: _l(
        "This is neither a ZIP nor a CSV file of WHOOP's data export. In the WHOOP app: More, App"
        " Settings, Data Export."
    ),
    Refusal.BROKEN_ARCHIVE: _l("The ZIP is damaged. Download it from WHOOP's mail once more."),
    Refusal.TOO_LARGE: _l(
        "Unpacked, this is far larger than any WHOOP export, so nothing was read. Upload the ZIP as"
        " WHOOP's mail gave it."
    ),
    Refusal.TOO_MANY_FILES: _l(
        "There are too many files in this ZIP. Upload only the CSV files of the data export."
    ),
    Refusal.ENCRYPTED: _l("The ZIP has a password. Upload it without one."),
    Refusal.NESTED_ARCHIVE: _l("There is a ZIP inside this ZIP. Upload the inner one."),
    Refusal.UNSAFE_ARCHIVE: _l(
        "This ZIP is not built like a WHOOP export, so it was not opened. Upload it as WHOOP's mail"
        " gave it, or the CSV files in it."
    ),
}
REASONS = {
    Reason.NOT_A_NUMBER: _l("not a number, so this cell was left empty"),
    Reason.NOT_A_FLAG: _l("neither true nor false, so this cell was left empty"),
    Reason.IMPLAUSIBLE: _l("not possible for a person, so it is kept but not shown"),
    Reason.EXTRA_CELLS: _l("more cells than the header has; the other cells were read"),
    Reason.NOT_A_TIME: _l("a time in a form WHOOP does not write; upload the file untouched"),
    Reason.AMBIGUOUS_DATE: _l(
        "nothing in this file tells which number is the day and which the month, so the row was"
        " left out; upload the file untouched"
    ),
    Reason.UNKNOWN_OFFSET: _l("the time zone is missing or unknown, so the row was left out"),
    Reason.MISSING: _l("a time that every row needs is missing"),
    Reason.NO_CYCLE: _l("an answer of a day that is not finished; it comes with the next export"),
    Reason.BROKEN_QUOTES: _l("a quotation mark is never closed"),
    Reason.EMPTY_FILE: _l("the file has no rows"),
    Reason.UNKNOWN_HEADER: _l("this is not a file of WHOOP's data export, so it was left out"),
    Reason.OUR_TABLE: _l(
        "a table that Coach made for reading; the same data was taken from the folder whoop beside it"
    ),
    Reason.MISSING_COLUMN: _l(
        "this column is missing, and without it no row has a date; upload the file untouched"
    ),
    Reason.TOO_MANY_COLUMNS: _l("far more columns than any export has"),
    Reason.TOO_MANY_ROWS: _l("far more rows than any export has; the rest was left out"),
    Reason.NEIGHBOURS_OFFSET: _l(
        "the time zone is missing or unknown; that of the nearest row was taken"
    ),
    Reason.DAY_FIRST: _l("a spreadsheet changed the dates; they were read with the day first"),
    Reason.MONTH_FIRST: _l("a spreadsheet changed the dates; they were read with the month first"),
    Reason.SECONDS_LOST: _l(
        "a spreadsheet cut the seconds off the times; upload the file untouched to have them exact"
    ),
    Reason.UNREADABLE_REST: _l("the rest of the file cannot be read"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(lambda code: REFUSALS[Refusal(code)], "refusal_words")
    app.add_template_filter(lambda code: REASONS[Reason(code)], "reason_words")
    app.add_template_filter(lambda code: VALUE_CLASSES[ValueClass(code)], "value_class_words")
    app.add_template_filter(STEPS.__getitem__, "step_words")
    app.add_template_filter(FATES.__getitem__, "fate_words")
    app.add_template_filter(recognised)
    app.add_template_filter(files_in_order)
    app.add_template_filter(rows_expected)


def files_in_order(
    counts: Mapping[str, Mapping[str, str | None]],
) -> list[tuple[str, Mapping[str, str | None]]]:
    """Give the files of an upload as an export lists them, strangers last."""
    places = {kind.value: place for place, kind in enumerate(Kind)}
    last = len(places)
    return sorted(counts.items(), key=lambda it: (places.get(it[1].get("kind") or "", last), it[0]))


def rows_expected(counts: Mapping[str, Mapping[str, int | None]]) -> int:
    """Say about how many rows an upload has that is being read; 0 as long as that is not known."""
    return sum(file.get("expected") or 0 for file in counts.values())


def recognised(file: Mapping[str, str | None]) -> str:
    """Say what a file of an upload is, from what its report holds: kind, language, generation."""
    kind, code, name = file.get("kind"), file.get("language"), file.get("generation")
    if not kind:
        return _("not a file of WHOOP's export")
    language = Locale.parse(code, sep="-").get_display_name(get_locale()) if code else None
    said = (
        KINDS[Kind(kind)],
        language or _("language not known; told by its columns"),
        GENERATIONS.get(name or "", _("columns were added or removed")),
    )
    return " · ".join(map(str, said))
