"""What the lines of strain, their factors and differences are called on a client's page."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.insights.signals import SignalName
from coach.science.burnout import LineName, LineState
from coach.web.filters import dash, metric_difference

LINE_WORDS: Mapping[LineName, LazyString] = {
    LineName.BODY: _l("Body"),
    LineName.SLEEP: _l("Sleep"),
    LineName.FEELING: _l("How I feel"),
}
STATE_WORDS: Mapping[LineState | None, tuple[LazyString, str]] = {
    LineState.RAISED: (
        _l("Outside the own range for a week or more: worth a conversation"),
        "warn",
    ),
    LineState.QUIET: (_l("Inside the own range"), ""),
    LineState.NOT_ENOUGH: (_l("Not enough data"), ""),
    None: (_l("Shown once this and check-ins are shared"), ""),
}
FACTOR_WORDS: Mapping[str, LazyString] = {
    SignalName.HRV_WEEK: _l("HRV week below own range"),
    SignalName.RESTING_WEEK: _l("Resting heart rate above usual"),
    SignalName.LOAD_WEEK: _l("Strain far below the usual week"),
    SignalName.SLEEP_DEBT: _l("5 hours of sleep or more missing in 7 nights"),
    SignalName.FEELING_WEEK: _l("Feels worse than usual"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(LINE_WORDS.__getitem__, "strain_line")
    app.add_template_filter(STATE_WORDS.__getitem__, "strain_state")
    app.add_template_filter(FACTOR_WORDS.__getitem__, "strain_factor")
    app.add_template_filter(difference)
    app.add_template_filter(sport)


def sport(name: str | None) -> str:
    """Write an activity as people call it; the API calls one of WHOOP's own by its code name."""
    if name == "weightlifting_msk":
        return str(_("Strength Trainer"))
    return str(name or _("Activity")).replace("-", " ").replace("_", " ").capitalize()


def difference(change: float | None, name: str) -> object:
    """Write a difference of means in the metric's own style, with its sign."""
    if change is None:
        return dash(None)
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    written = str(metric_difference(abs(change), name))
    return written if written == str(metric_difference(0.0, name)) else f"{sign}{written}"
