"""What states, days and lists of WHOOP are called on screen."""

from datetime import date, timedelta

from flask import Flask
from flask_babel import format_date, ngettext
from flask_babel import lazy_gettext as _l

from coach.whoop.payloads import RecordKind
from coach.whoop.screens.standing import Standing
from coach.whoop.sync.gaps import DayState

STANDINGS = {
    Standing.NOT_LINKED: _l("Never linked"),
    Standing.DISCONNECTED: _l("Disconnected"),
    Standing.RECONNECT: _l("Has to link again"),
    Standing.ERROR: _l("Needs attention"),
    Standing.SYNCING: _l("Syncing"),
    Standing.WAITING: _l("Waiting for WHOOP"),
    Standing.QUIET: _l("Linked, no new data"),
    Standing.PENDING: _l("Linked, last night not scored yet"),
    Standing.UNSCORABLE: _l("Linked, last night without a score"),
    Standing.HISTORY: _l("Linked, history under way"),
    Standing.LINKED: _l("Linked"),
}
LOOKS = {
    Standing.RECONNECT: "bad",
    Standing.ERROR: "bad",
    Standing.SYNCING: "note",
    Standing.WAITING: "warn",
    Standing.QUIET: "warn",
    Standing.PENDING: "good",
    Standing.UNSCORABLE: "good",
    Standing.HISTORY: "good",
    Standing.LINKED: "good",
}
DAY_STATES = {
    DayState.SCORED: _l("scored"),
    DayState.PENDING: _l("not scored yet"),
    DayState.UNSCORABLE: _l("without a score"),
    DayState.MANUAL: _l("typed by hand"),
    DayState.MISSING: _l("missing"),
    DayState.BEFORE: _l("before your data begins"),
}
LISTS = {
    RecordKind.CYCLE: _l("Days and strain"),
    RecordKind.SLEEP: _l("Sleep"),
    RecordKind.RECOVERY: _l("Recovery"),
    RecordKind.WORKOUT: _l("Workouts"),
    RecordKind.BODY_MEASUREMENT: _l("Weight"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(STANDINGS.__getitem__, "standing_words")
    app.add_template_filter(standing_look)
    app.add_template_filter(DAY_STATES.__getitem__, "day_state_words")
    app.add_template_filter(LISTS.__getitem__, "list_words")
    app.add_template_filter(full_day)
    app.add_template_filter(long_span)


def standing_look(standing: Standing) -> str:
    """Say how the badge of a standing looks."""
    return LOOKS.get(standing, "")


def full_day(day: date) -> str:
    """Write a date with its year: 3 March 2025."""
    return str(format_date(day, "d MMMM y"))


def long_span(span: timedelta) -> str:
    """Write a guess of hours or days in whole ones."""
    hours = round(span.total_seconds() / 3600)
    if hours < 24:
        return ngettext("%(num)d hour", "%(num)d hours", max(hours, 1))
    return ngettext("%(num)d day", "%(num)d days", round(hours / 24))
