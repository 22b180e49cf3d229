"""What the roster's columns, states and gaps are called on screen."""

from collections.abc import Callable, Sequence
from datetime import date

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from coach.dashboard.roster import RosterRow
from coach.dashboard.roster_wanted import Bucket, Sort
from coach.insights.morning import (
    NOT_SHARED,
    CheckInMorning,
    Dated,
    HrvMorning,
    Reason,
    State,
)
from coach.insights.refresh import KEPT_DAYS
from coach.insights.signals import TOPIC_OF_SIGNAL, Signal
from coach.insights.words import in_words
from coach.science.hrv import Position
from coach.web.filters import dash, day, number, short_hours
from coach.web.sparklines import Sparkline, sparkline

SORTS = {
    Sort.NEED: _l("Need"),
    Sort.NAME: _l("Name"),
    Sort.RECOVERY: _l("Recovery"),
    Sort.HRV: _l("HRV"),
    Sort.RESTING: _l("Resting HR"),
    Sort.SLEEP: _l("Sleep"),
    Sort.STRAIN: _l("Strain yesterday"),
}
BUCKETS = {
    Bucket.ATTENTION: _l("Needs attention"),
    Bucket.LOW_RECOVERY: _l("Low recovery"),
    Bucket.NO_DATA: _l("No data"),
    Bucket.ALL: _l("All"),
}
STATES = {
    State.ATTENTION: _l("Needs attention"),
    State.LOW_RECOVERY: _l("Low recovery"),
    State.TAGGED: _l("Tagged"),
    State.NO_DATA: _l("No data"),
    State.CALM: _l("Nothing stands out"),
    State.NOT_SHARED: _l("Shares nothing with you yet"),
}
POSITIONS = {
    Position.BELOW: _l("below own range"),
    Position.INSIDE: _l("in own range"),
    Position.ABOVE: _l("above own range"),
    Position.UNKNOWN: _l("own range not known yet"),
}


def labels() -> dict[str, str]:
    """Translate what every row says, once for all: the heads of its cells, and its buttons."""
    return {sort.value: str(word) for sort, word in SORTS.items()} | {
        "check_in": _("Check-in"),
        "bpm": _("bpm"),
        "hidden": _("not shared"),
        "act": _("Reply, note or tag"),
        "close": _("Close"),
        "see": _("Mark the check-in as seen"),
        "seen": _("Seen"),
    }


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(SORTS.__getitem__, "sort_label")
    app.add_template_filter(BUCKETS.__getitem__, "bucket_label")
    app.add_template_filter(STATES.__getitem__, "state_word")
    for look in _LOOKS:
        app.add_template_filter(look)
    app.add_template_test(_is_hidden, "hidden")
    app.add_template_test(_is_known, "known")


def _is_hidden(value: object) -> bool:
    return value is NOT_SHARED


def _is_known(value: object) -> bool:
    return value is not None and value is not NOT_SHARED


def gap(value: object, hidden: str) -> object:
    """Show that a value is not known, or not shared."""
    if value is NOT_SHARED:
        return Markup('<span class="roster__hidden">{}</span>').format(hidden)
    return dash(None)


def asides(dated: Dated[float], expected: date, today: date) -> Markup:
    """Say what has to be known of a value beside it: its day, if it is another, and doubts."""
    said = [_aside(day(dated.date, today), " roster__note--old")] if dated.date != expected else []
    said += [_aside(_("doubtful"))] if dated.doubtful else []
    said += [_aside(_("so far"))] if dated.is_open else []
    return Markup().join(said)


def hrv_age(hrv: HrvMorning, expected: date, today: date) -> Markup:
    """Say of which day the newest night is, if it is not that of the day looked at."""
    if hrv.newest is None or hrv.newest == expected:
        return Markup()
    return _aside(day(hrv.newest, today), " roster__note--old")


def _aside(words: str, kind: str = "") -> Markup:
    return Markup('<span class="roster__note{}">{}</span>').format(kind, words)


def calm_word(row: RosterRow) -> str:
    """Say that nothing stands out, but only of somebody whose own range is known for the day."""
    morning = row.morning
    hrv = morning.hrv
    if morning.state is not State.CALM:
        return str(STATES[morning.state])
    figures = (hrv, morning.drift, morning.debt, morning.load_change, morning.feeling)
    if None in figures and (row.here - row.day).days >= KEPT_DAYS:
        return _("Comparisons are kept for %(days)d days; this day is older", days=KEPT_DAYS)
    if hrv is None or (hrv is not NOT_SHARED and hrv.range.value is None):
        return _("Too few days to compare yet")
    return str(STATES[morning.state])


def reasons_in_words(reasons: Sequence[Reason]) -> str:
    """Say why somebody is where they are: "HRV below own range, 3 days; tagged: travelling".

    Of one thing the foremost signal alone; the client's page has the others.
    """
    foremost: dict[object, Reason] = {}
    for each in reasons:
        foremost.setdefault(_topic(each), each)
    said = "; ".join(in_words(each) for each in foremost.values())
    return said[:1].upper() + said[1:]


def _topic(reason: Reason) -> object:
    return TOPIC_OF_SIGNAL.get(reason.name, reason) if isinstance(reason, Signal) else reason


def hrv_line(hrv: HrvMorning) -> Sparkline:
    """Draw the days; the own range behind them, where it is known."""
    low, high = hrv.range.value, hrv.high_ms
    normal = None if low is None or high is None else (low, high)
    return sparkline(hrv.days, normal=normal, width=88, height=28)


def hrv_label(hrv: HrvMorning, name: str) -> str:
    """Say what the drawing shows."""
    low, high = hrv.range.value, hrv.high_ms
    if low is None or high is None:
        return _("HRV of %(name)s over 28 days; own range not known yet", name=name)
    return _(
        "HRV of %(name)s over 28 days; own range %(low)s to %(high)s ms",
        name=name,
        low=number(low),
        high=number(high),
    )


def week_in_words(hrv: HrvMorning) -> str:
    """Say the mean of the week and where it lies: 58 ms, below own range."""
    if hrv.week.value is None:
        return _("too few nights this week")
    week, where = number(hrv.week.value, 0, _("ms")), POSITIONS[hrv.position]
    return _("%(week)s, %(where)s", week=week, where=where)


def drift_in_words(bpm: float) -> str:
    """Say how far the week lies from the usual: +3.1 to usual."""
    sign = "+" if bpm >= 0.05 else "\N{MINUS SIGN}" if bpm <= -0.05 else "±"
    return _("%(drift)s to usual", drift=f"{sign}{number(abs(bpm), 1)}")


def debt_in_words(missing: float) -> str:
    """Say what seven nights lack: 7 nights: 3:20 short."""
    if round(missing * 60) <= 0:
        return _("7 nights: enough")
    return _("7 nights: %(hours)s short", hours=short_hours(missing))


def check_in_word(said: CheckInMorning) -> str:
    """Say whether there was a check-in, and how many days were missed."""
    if said.answered:
        return _("Answered")
    if said.missed is None:
        return _("None in four weeks")
    if said.missed == 0:
        return _("Not yet today")
    return str(ngettext("Missed %(num)d day", "Missed %(num)d days", said.missed))


_LOOKS: tuple[Callable[..., object], ...] = (
    gap,
    asides,
    calm_word,
    reasons_in_words,
    hrv_age,
    hrv_line,
    hrv_label,
    week_in_words,
    drift_in_words,
    debt_in_words,
    check_in_word,
)
