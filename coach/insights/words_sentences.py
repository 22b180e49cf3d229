"""A day's figures as sentences, in the reader's language: each with its numbers, none with a verdict.

By rules alone, from what the science module worked out. What a group does not share makes none.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from coach.accounts.models import FieldGroup
from coach.insights.models import Insight
from coach.insights.signals import GROUP_OF_SIGNAL, Signal, SignalName
from coach.insights.words import in_words
from coach.insights.words_need import need_in_words
from coach.science.baseline import RANGE_PROVISIONAL
from coach.science.hrv import Position
from coach.science.sleep_need import NeedBy
from coach.web.filters import hours, number, percent

# Of these the figures tell already.
_TOLD = frozenset(
    {SignalName.HRV_WEEK, SignalName.RESTING_WEEK, SignalName.SLEEP_DEBT, SignalName.LOAD_WEEK}
)
_AS_USUAL_BPM, _AS_USUAL_PERCENT = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, what it is about, and the numbers in it by name, as exact as they are shown."""

    about: str
    text: str
    numbers: Mapping[str, float]


def sentences(
    insight: Insight, signals: Collection[Signal], shares: Collection[FieldGroup]
) -> list[Sentence]:
    """Say a day in sentences: its figures, then what is worth a look beside them."""
    told = [each(insight) for group, each in _FIGURES if group in shares]
    shown = [each for each in signals if GROUP_OF_SIGNAL[each.name] in shares]
    return [*filter(None, told), *_worth_a_look(shown)]


def _hrv(it: Insight) -> Sentence | None:
    week, low, high = it.hrv_week_ms, it.hrv_low_ms, it.hrv_high_ms
    if week is None or low is None or high is None:
        return _hrv_to_come(it)
    numbers = {"week_ms": round(week), "low_ms": round(low), "high_ms": round(high)}
    words = {name: number(value) for name, value in numbers.items()}
    if it.hrv_position == Position.INSIDE:
        text = _(
            "HRV of the last 7 days: %(week_ms)s ms, within the own range of %(low_ms)s to"
            " %(high_ms)s ms.",
            **words,
        )
        return Sentence("hrv", text, numbers)
    numbers["days"] = it.hrv_days_outside
    words["days"] = number(it.hrv_days_outside)
    if it.hrv_position == Position.BELOW:
        text = _(
            "HRV of the last 7 days: %(week_ms)s ms, below the own range of %(low_ms)s to"
            " %(high_ms)s ms; days in a row: %(days)s.",
            **words,
        )
    else:
        text = _(
            "HRV of the last 7 days: %(week_ms)s ms, above the own range of %(low_ms)s to"
            " %(high_ms)s ms; days in a row: %(days)s.",
            **words,
        )
    return Sentence("hrv", text, numbers)


def _hrv_to_come(it: Insight) -> Sentence | None:
    known = int(str(it.behind.get("hrv_range", {}).get("n", 0)))
    if known >= RANGE_PROVISIONAL:
        return None  # the range is there, and the week too thin to be held against it
    text = _(
        "HRV: an own range needs %(needed)s days before the last week; there are %(known)s.",
        needed=number(RANGE_PROVISIONAL),
        known=number(known),
    )
    return Sentence("hrv", text, {"needed": RANGE_PROVISIONAL, "known": known})


def _resting(it: Insight) -> Sentence | None:
    drift = it.rhr_drift_bpm
    if drift is None:
        return None
    numbers = {"difference_bpm": round(drift, 1)}
    shown = number(abs(drift), 1)
    if abs(drift) < _AS_USUAL_BPM:
        text = _("Resting heart rate of the last 7 days: as usual, %(bpm)s bpm off.", bpm=shown)
    elif drift > 0:
        text = _("Resting heart rate of the last 7 days: %(bpm)s bpm above the usual.", bpm=shown)
    else:
        text = _("Resting heart rate of the last 7 days: %(bpm)s bpm below the usual.", bpm=shown)
    return Sentence("resting_heart_rate", text, numbers)


def _debt(it: Insight) -> Sentence | None:
    debt = it.sleep_debt_hours
    if debt is None:
        return None
    said = it.behind.get("sleep_debt", {}).get("against")
    text = _(
        "Sleep of the last 7 nights: %(hours)s missing, %(against)s.",
        hours=hours(debt),
        against=need_in_words(NeedBy(str(said)) if said else None),
    )
    return Sentence("sleep_debt", text, {"debt_hours": round(debt, 2)})


def _balance(it: Insight) -> Sentence | None:
    balance = it.sleep_balance_hours
    if balance is None:
        return None
    numbers, shown = {"balance_hours": round(balance, 2)}, hours(abs(balance))
    if it.behind.get("sleep_balance", {}).get("against") == NeedBy.TYPED:
        return Sentence("sleep_balance", _by_hand(balance, str(shown)), numbers)
    if balance < 0:
        text = _("Last night: %(hours)s less than WHOOP's need.", hours=shown)
    else:
        text = _("Last night: %(hours)s more than WHOOP's need.", hours=shown)
    return Sentence("sleep_balance", text, numbers)


def _by_hand(balance: float, shown: str) -> str:
    if balance < 0:
        return _("Last night: %(hours)s less than the need typed by hand.", hours=shown)
    return _("Last night: %(hours)s more than the need typed by hand.", hours=shown)


def _load(it: Insight) -> Sentence | None:
    change = it.load_change_percent
    if change is None:
        return None
    numbers, shown = {"change_percent": round(change)}, percent(abs(change))
    if abs(change) < _AS_USUAL_PERCENT:
        text = _("Strain of the last 7 days: as in a usual week.")
    elif change > 0:
        text = _("Strain of the last 7 days: %(change)s above the usual week.", change=shown)
    else:
        text = _("Strain of the last 7 days: %(change)s below the usual week.", change=shown)
    return Sentence("load", text, numbers)


def _feeling(it: Insight) -> Sentence | None:
    if it.hooper_week is None:
        return None
    mean = round(it.hooper_week, 1)
    text = _(
        "Check-ins of the last 7 days: a mean Hooper index of %(mean)s (4 to 28, lower is better).",
        mean=number(mean, 1),
    )
    return Sentence("feeling", text, {"mean": mean})


def _worth_a_look(signals: Collection[Signal]) -> Iterator[Sentence]:
    for each in signals:
        if each.name in _TOLD:
            continue
        numbers = {"value": round(each.value, 1), "days": each.days}
        yield Sentence(each.name, _("Worth a look: %(what)s.", what=in_words(each)), numbers)
    if not signals:
        yield Sentence("signals", _("No signal in the data we have."), {})


_FIGURES = (
    (FieldGroup.RECOVERY, _hrv),
    (FieldGroup.RECOVERY, _resting),
    (FieldGroup.SLEEP, _balance),
    (FieldGroup.SLEEP, _debt),
    (FieldGroup.STRAIN, _load),
    (FieldGroup.CHECK_IN, _feeling),
)
