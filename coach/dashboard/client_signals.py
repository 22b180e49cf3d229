"""Why a client is on top, with the numbers behind it, and the three lines of strain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from pydantic import TypeAdapter

from coach.accounts.models import FieldGroup
from coach.insights.models import BurnoutScore, Insight
from coach.insights.signals import GROUP_OF_SIGNAL, Signal, SignalName, in_order
from coach.insights.words import days_in_words, in_words
from coach.insights.words_need import need_in_words
from coach.science.burnout import RAISED_FROM_DAYS, Contribution, LineName, LineState
from coach.science.series import LONGEST_COUNT_DAYS, Confidence
from coach.web.filters import hours, number, percent, short_day

_SIGNALS = TypeAdapter(list[Signal])
_FACTORS = TypeAdapter(dict[LineName, list[Contribution]])
_GROUP_OF_LINE = {
    LineName.BODY: FieldGroup.RECOVERY,
    LineName.SLEEP: FieldGroup.SLEEP,
    LineName.FEELING: FieldGroup.CHECK_IN,
}
_CONFIDENCE: Mapping[Confidence, LazyString] = {
    Confidence.OK: _l("well founded"),
    Confidence.PROVISIONAL: _l("provisional: few days behind it"),
    Confidence.NONE: _l("not founded"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A signal in words and, fact by fact, what it rests on."""

    name: SignalName
    phrase: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StrainLine:
    """One of the three lines, as far as it is shared; `state` is None where it is not."""

    name: LineName
    state: LineState | None
    contributions: Sequence[Contribution]


@dataclass(frozen=True, slots=True)
class Why:
    """What stands out as of a day; none of it is a probability or a diagnosis.

    `too_few` tells that heart rate variability is shared and has no own range yet.
    """

    day: date
    signals: Sequence[Explained]
    lines: Sequence[StrainLine]
    too_few: bool


def why(
    found: tuple[Insight, BurnoutScore | None] | None, shares: frozenset[FieldGroup]
) -> Why | None:
    """Explain the signals of a day that rest on what is shared."""
    if found is None:
        return None
    insight, strain = found
    told = _SIGNALS.validate_python(insight.signals)
    shown = in_order(each for each in told if GROUP_OF_SIGNAL[each.name] in shares)
    lines = _lines(strain, shares) if strain else []
    signals = [_explained(each, insight.date) for each in shown]
    too_few = FieldGroup.RECOVERY in shares and insight.hrv_low_ms is None
    return Why(insight.date, signals, lines, too_few)


def _explained(it: Signal, day: date) -> Explained:
    phrase = in_words(it)
    return Explained(it.name, phrase[:1].upper() + phrase[1:], _facts(it, day))


def _lines(strain: BurnoutScore, shares: frozenset[FieldGroup]) -> list[StrainLine]:
    factors = _FACTORS.validate_python(strain.factors)
    states = {
        LineName.BODY: strain.body,
        LineName.SLEEP: strain.sleep,
        LineName.FEELING: strain.feeling,
    }
    return [
        _line(name, LineState(states[name]), factors.get(name, []), shares) for name in LineName
    ]


def _line(
    name: LineName,
    state: LineState,
    contributions: Sequence[Contribution],
    shares: frozenset[FieldGroup],
) -> StrainLine:
    """Show a line by its shared contributions alone; no line is read without answers beside it."""
    if not {_GROUP_OF_LINE[name], FieldGroup.CHECK_IN} <= shares:
        return StrainLine(name, None, [])
    shown = [each for each in contributions if GROUP_OF_SIGNAL[SignalName(each.signal)] in shares]
    if state is LineState.NOT_ENOUGH:
        return StrainLine(name, state, shown)
    raised = any(each.days_outside >= RAISED_FROM_DAYS for each in shown)
    return StrainLine(name, LineState.RAISED if raised else LineState.QUIET, shown)


def _facts(it: Signal, day: date) -> list[tuple[str, str]]:
    facts = [(_("Value"), _written(it.name, it.value))]
    if it.usual is not None and it.name is not SignalName.LOAD_WEEK:
        facts.append((_("Usual"), _usual(it, it.usual)))
    facts += _bounds(it)
    if it.name is SignalName.SLEEP_DEBT:
        facts.append((_("Counted"), need_in_words(it.against)))
    facts.append((_("For"), _lasting(it, day)))
    facts.append((_("Window"), str(ngettext("%(num)d day", "%(num)d days", it.window))))
    behind = ngettext("%(num)d known day", "%(num)d known days", it.n)
    return [*facts, (_("Behind it"), f"{behind}, {_CONFIDENCE[it.confidence]}")]


def _usual(it: Signal, usual: float) -> str:
    """Write the usual value; a drift is held against a rate, not against a drift."""
    return str(_beats(usual)) if it.name is SignalName.RESTING_WEEK else _written(it.name, usual)


def _bounds(it: Signal) -> list[tuple[str, str]]:
    """Write the bounds a value is held against: the own range, or from where it shows."""
    low = None if it.low is None else _written(it.name, it.low)
    high = None if it.high is None else _written(it.name, it.high)
    if low and high:
        return [(_("Own range"), _("%(low)s to %(high)s", low=low, high=high))]
    return [(_("Shown from"), high)] if high else []


def _lasting(it: Signal, day: date) -> str:
    if it.name.value.endswith("_day"):
        return days_in_words(it)
    in_a_row = str(ngettext("%(num)d day in a row", "%(num)d days in a row", it.days))
    if it.days >= LONGEST_COUNT_DAYS:
        return in_a_row  # nobody counts further back
    since = short_day(day - timedelta(days=it.days - 1))
    return _("%(days)s, since %(day)s", days=in_a_row, day=since)


def _written(name: SignalName, value: float) -> str:
    """Write a number in the unit of its signal."""
    return str(_WRITE[name](value))


def _milliseconds(value: float) -> object:
    return number(value, unit=_("ms"))


def _beats(value: float) -> object:
    return number(value, unit=_("bpm"))


def _drift(value: float) -> object:
    return f"+{number(value, 1, unit=_('bpm'))}"


def _breaths(value: float) -> object:
    return number(value, 1, unit=_("/min"))


def _points(value: float) -> object:
    return _("%(points)s of 28", points=number(value, 1))


def _change(value: float) -> object:
    return f"{'+' if value > 0 else ''}{percent(value)}"


_WRITE: Mapping[SignalName, Callable[[float], object]] = {
    SignalName.HRV_WEEK: _milliseconds,
    SignalName.HRV_DAY: _milliseconds,
    SignalName.RESTING_WEEK: _drift,
    SignalName.RESTING_DAY: _beats,
    SignalName.SLEEP_DEBT: hours,
    SignalName.SLEEP_DAY: hours,
    SignalName.RESPIRATORY_DAY: _breaths,
    SignalName.FEELING_WEEK: _points,
    SignalName.LOAD_WEEK: _change,
}
