"""Reasons in words, in the reader's language: what was seen, for how long; never what it means."""

from collections.abc import Callable

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from coach.check_ins.words import TAG_WORDS
from coach.insights.morning import LowRecovery, Quiet, Reason, Tagged
from coach.insights.signals import Direction, Signal, SignalName
from coach.insights.words_need import need_in_words
from coach.web.bands import recovery_word
from coach.web.filters import hours, number, percent, short_day


def register(app: Flask) -> None:
    """Teach templates to say why somebody is on top."""
    app.add_template_filter(in_words, "reason_in_words")


def in_words(reason: Reason) -> str:
    """Say a reason in one short phrase, as "HRV below own range, 3 days"."""
    match reason:
        case Signal():
            return _SAY[reason.name](reason)
        case LowRecovery(score):
            shown, word = percent(score), recovery_word(score)
            return _("recovery %(score)s (%(band)s)", score=shown, band=word)
        case Tagged(kind):
            return _("tagged: %(tag)s", tag=str(TAG_WORDS[kind]).lower())
        case Quiet(None):
            return _("no data for four weeks")
        case Quiet(days):
            return str(ngettext("no data for %(num)d day", "no data for %(num)d days", days))


def days_in_words(it: Signal) -> str:
    """Say on which single days it showed: "2 of 3 days (12 May, 14 May)"."""
    named = ", ".join(short_day(day) for day in reversed(it.dates))
    if named and it.window == 1:
        return named
    asked = _("%(days)d of %(window)d days", days=it.days, window=it.window)
    return f"{asked} ({named})" if named else asked


def _hrv_week(it: Signal) -> str:
    said = ngettext(
        "HRV below own range, %(num)d day", "HRV below own range, %(num)d days", it.days
    )
    return str(said)


def _hrv_day(it: Signal) -> str:
    return _("HRV far below usual on %(which)s", which=days_in_words(it))


def _resting_week(it: Signal) -> str:
    return str(
        ngettext(
            "resting heart rate %(bpm)s bpm above usual, %(num)d day",
            "resting heart rate %(bpm)s bpm above usual, %(num)d days",
            it.days,
            bpm=number(it.value, 1),
        )
    )


def _resting_day(it: Signal) -> str:
    return _("resting heart rate far above usual on %(which)s", which=days_in_words(it))


def _sleep_debt(it: Signal) -> str:
    return _(
        "%(hours)s of sleep missing in 7 nights, %(against)s",
        hours=hours(it.value),
        against=need_in_words(it.against),
    )


def _sleep_day(it: Signal) -> str:
    return _(
        "slept %(hours)s, far below usual on %(which)s",
        hours=hours(it.value),
        which=days_in_words(it),
    )


def _respiratory_day(it: Signal) -> str:
    return _("respiratory rate far above usual on %(which)s", which=days_in_words(it))


def _feeling_week(it: Signal) -> str:
    return str(
        ngettext(
            "feels worse than usual, %(num)d day", "feels worse than usual, %(num)d days", it.days
        )
    )


def _load_week(it: Signal) -> str:
    change = percent(abs(it.value))
    if it.direction is Direction.BELOW:
        return _("strain %(change)s below the usual week", change=change)
    return _("strain %(change)s above the usual week", change=change)


_SAY: dict[SignalName, Callable[[Signal], str]] = {
    SignalName.HRV_WEEK: _hrv_week,
    SignalName.HRV_DAY: _hrv_day,
    SignalName.RESTING_WEEK: _resting_week,
    SignalName.RESTING_DAY: _resting_day,
    SignalName.SLEEP_DEBT: _sleep_debt,
    SignalName.SLEEP_DAY: _sleep_day,
    SignalName.RESPIRATORY_DAY: _respiratory_day,
    SignalName.FEELING_WEEK: _feeling_week,
    SignalName.LOAD_WEEK: _load_week,
}
