"""What alerts say: what was seen, with its numbers; in mails and lists of choices without them."""

from collections.abc import Callable, Mapping, Sequence

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from flask_login import current_user

from coach.accounts import navigation
from coach.alerts import reading
from coach.alerts.quiet import QuietState
from coach.alerts.reading import Told
from coach.alerts.rules import SINGLE, Firing
from coach.insights.signals import Signal, SignalName
from coach.insights.words import in_words
from coach.web.filters import metric_value, number, short_day

SIGNS: Mapping[str, LazyString] = {
    SignalName.HRV_WEEK: _l("HRV of the week below own range"),
    SignalName.HRV_DAY: _l("HRV of single days far below usual"),
    SignalName.RESTING_WEEK: _l("resting heart rate of the week above usual"),
    SignalName.RESTING_DAY: _l("resting heart rate of single days far above usual"),
    SignalName.SLEEP_DEBT: _l("much sleep missing in 7 nights"),
    SignalName.SLEEP_DAY: _l("sleep of single nights far below usual"),
    SignalName.RESPIRATORY_DAY: _l("respiratory rate of single nights far above usual"),
    SignalName.FEELING_WEEK: _l("feels worse than usual this week"),
    QuietState.NEVER_LINKED: _l("no data: WHOOP was never linked"),
    QuietState.RECONNECT: _l("no data: WHOOP has to be linked again"),
    QuietState.QUIET: _l("no data: linked, but nothing new arrives"),
    QuietState.UNSCORABLE: _l("no data: nights without a score, such as with the strap off"),
    QuietState.LATE: _l("no data: WHOOP is late"),
}
_METRIC = {
    SignalName.HRV_WEEK: "hrv",
    SignalName.HRV_DAY: "hrv",
    SignalName.RESTING_DAY: "resting_heart_rate",
    SignalName.SLEEP_DAY: "sleep_hours",
    SignalName.RESPIRATORY_DAY: "respiratory_rate",
}


def register(app: Flask) -> None:
    """Teach templates these words, and the navigation how many alerts wait."""
    looks: tuple[Callable[..., object], ...] = (alert_words, alert_numbers, alert_days)
    choices = (sds_choice, cooldown_choice, hour_choice)
    for look in (*looks, *choices, sign_words, firing_words, chances):
        app.add_template_filter(look)
    navigation.count(app, "alerts.listed", lambda: len(reading.open_ones(current_user.viewer)))


def sign_words(sign: str) -> str:
    """Say what an alert is about, without a number."""
    said = str(SIGNS[sign])
    return said[:1].upper() + said[1:]


def signs_in_words(signs: Sequence[str]) -> str:
    """Say in one line what several are about."""
    return "; ".join(str(SIGNS[sign]) for sign in signs)


def alert_words(told: Told) -> str:
    """Say an alert in one short phrase, with its number."""
    said = in_words(told.signal) if told.signal else str(SIGNS[told.sign])
    return said[:1].upper() + said[1:]


def firing_words(fired: Firing) -> str:
    """Say what would have been told."""
    said = in_words(fired.signal)
    return said[:1].upper() + said[1:]


def alert_numbers(told: Told) -> str:
    """Say the numbers behind it: 41 ms, usually 60 ms; 30 known days behind it."""
    if told.signal is None:
        return ""
    known = str(
        ngettext("%(num)d known day behind it", "%(num)d known days behind it", told.signal.n)
    )
    return "; ".join(filter(None, (_value(told.signal), known)))


def alert_days(told: Told) -> str:
    """Say which days it rests on."""
    if not told.dates:
        return ""
    first, last = short_day(told.dates[-1]), short_day(told.dates[0])
    if told.signal is None:
        return _("last data %(day)s", day=last)
    if told.signal.name in SINGLE:
        said = told.signal.dates  # then the phrase names them
        return "" if said else ", ".join(short_day(day) for day in reversed(told.dates))
    return last if first == last else _("%(first)s to %(last)s", first=first, last=last)


def chances(expected: float) -> str:
    """Write a number of expected alerts: none of it is exact."""
    return str(number(expected, 0 if expected >= 10 else 1))


def sds_choice(sds: float) -> tuple[float, str]:
    """Name a distance that may be chosen."""
    return sds, _("%(sds)s standard deviations", sds=number(sds, 1))


def cooldown_choice(hours: int) -> tuple[int, str]:
    """Name a pause that may be chosen."""
    if hours <= 72:
        return hours, str(ngettext("%(num)d hour", "%(num)d hours", hours))
    return hours, str(ngettext("%(num)d day", "%(num)d days", hours // 24))


def hour_choice(hour: int) -> tuple[int, str]:
    """Name an hour of the day."""
    return hour, f"{hour:02}:00"


def short_name(name: str) -> str:
    """Write as much of a name as a coach needs, and a mail may carry: Mara I."""
    first, _space, rest = name.strip().partition(" ")
    return f"{first} {rest.split()[-1][:1]}." if rest.split() else first


def _value(it: Signal) -> str:
    metric = _METRIC.get(it.name)
    if metric is None or it.usual is None:
        return ""
    return str(
        _(
            "%(value)s, usually %(usual)s",
            value=metric_value(it.value, metric),
            usual=metric_value(it.usual, metric),
        )
    )
