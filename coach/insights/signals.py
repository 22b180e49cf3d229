"""The default rule: which signals show on a day, each with the numbers it rests on (pure).

A week outside the own range, or two of three single days far out in the bad direction; see
`science` for the formulas. A signal says "worth a look": never a risk, never a diagnosis.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from math import exp

from coach.accounts.models import FieldGroup
from coach.check_ins.models import TagKind
from coach.insights.formulas import Formulas
from coach.science import heart_rate, hrv, load
from coach.science.baseline import PERSISTS_FROM, PERSISTS_OF, far_out
from coach.science.hrv import Position
from coach.science.series import Confidence, Figure, in_a_row
from coach.science.sleep_need import NeedBy

FAR_OUT_SDS = 2.0
# Our defaults.
DEBT_HOURS = 5.0
LOAD_CHANGE_PERCENT = 30.0


class SignalName(StrEnum):
    """What a signal is about; a `_day` is two of three days, the others are weeks."""

    HRV_WEEK = "hrv_week"
    HRV_DAY = "hrv_day"
    RESTING_WEEK = "resting_week"
    RESTING_DAY = "resting_day"
    SLEEP_DEBT = "sleep_debt"
    SLEEP_DAY = "sleep_day"
    RESPIRATORY_DAY = "respiratory_day"
    FEELING_WEEK = "feeling_week"
    LOAD_WEEK = "load_week"


class Direction(StrEnum):
    """On which side of the usual something lies."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Signal:
    """Why something shows: the value against its bounds, for how long, and how well founded.

    Units are the metric's (ms, bpm, h, breaths a minute, Hooper points, percent); the value of
    `resting_week` is the drift. `days` counts days in a row; of a `_day`, days far out of three,
    and `dates` names them, newest first. `against` tells whose need a debt of sleep is held against.
    """

    name: SignalName
    direction: Direction
    value: float
    usual: float | None
    low: float | None
    high: float | None
    days: int
    n: int
    window: int
    confidence: Confidence
    dates: tuple[date, ...] = ()
    against: NeedBy | None = None


GROUP_OF_SIGNAL = {
    SignalName.HRV_WEEK: FieldGroup.RECOVERY,
    SignalName.HRV_DAY: FieldGroup.RECOVERY,
    SignalName.RESTING_WEEK: FieldGroup.RECOVERY,
    SignalName.RESTING_DAY: FieldGroup.RECOVERY,
    SignalName.SLEEP_DEBT: FieldGroup.SLEEP,
    SignalName.SLEEP_DAY: FieldGroup.SLEEP,
    SignalName.RESPIRATORY_DAY: FieldGroup.SLEEP,
    SignalName.FEELING_WEEK: FieldGroup.CHECK_IN,
    SignalName.LOAD_WEEK: FieldGroup.STRAIN,
}
# Two signals about the same thing are one reason to look; load is shown and calls for nobody.
TOPIC_OF_SIGNAL = {
    SignalName.HRV_WEEK: "hrv",
    SignalName.HRV_DAY: "hrv",
    SignalName.RESTING_WEEK: "resting",
    SignalName.RESTING_DAY: "resting",
    SignalName.SLEEP_DEBT: "sleep",
    SignalName.SLEEP_DAY: "sleep",
    SignalName.RESPIRATORY_DAY: "respiratory",
    SignalName.FEELING_WEEK: "feeling",
}
BAD_DAYS = (
    (SignalName.HRV_DAY, "hrv", Direction.BELOW),
    (SignalName.RESTING_DAY, "resting_heart_rate", Direction.ABOVE),
    (SignalName.SLEEP_DAY, "sleep_hours", Direction.BELOW),
    (SignalName.RESPIRATORY_DAY, "respiratory_rate", Direction.ABOVE),
)
ATTENTION_FROM, ATTENTION_OF_TAGGED = 100, 50
_EXPLAINS = frozenset({TagKind.ILL, TagKind.INJURED})


def attention(signals: Iterable[Signal], tags: Collection[TagKind]) -> int:
    """Order of need: 100 for each different thing that shows, and the days it has lasted.

    Who is tagged ill or injured is shown with the tag (50) and not raised a second time.
    """
    if _EXPLAINS & set(tags):
        return ATTENTION_OF_TAGGED
    counted = [signal for signal in signals if signal.name in TOPIC_OF_SIGNAL]
    topics = {TOPIC_OF_SIGNAL[signal.name] for signal in counted}
    longest = max((signal.days for signal in counted), default=0)
    return ATTENTION_FROM * len(topics) + longest


def in_order(signals: Iterable[Signal]) -> list[Signal]:
    """Put first what calls for somebody, and of that what has lasted longest."""
    return sorted(signals, key=lambda each: (each.name not in TOPIC_OF_SIGNAL, -each.days))


def as_json(signal: Signal) -> dict[str, object]:
    """Write a signal as JSON holds it."""
    return {**asdict(signal), "dates": [day.isoformat() for day in signal.dates]}


def signals_of(formulas: Formulas, day: date) -> list[Signal]:
    """List what shows on a day."""
    days = [_bad_days(formulas, day, *each) for each in BAD_DAYS]
    weeks = [rule(formulas, day) for rule in _WEEKS]
    return [signal for signal in [*weeks, *days] if signal is not None]


def resting_days(formulas: Formulas, day: date) -> int:
    """Count for how many days in a row the resting heart rate has been raised."""
    return in_a_row(day, lambda each: formulas.drift(each).raised)


def debt_days(formulas: Formulas, day: date) -> int:
    """Count for how many days in a row the debt of the week before has been 5 hours or more."""
    return in_a_row(day, lambda each: (formulas.debt(each).value or 0.0) >= DEBT_HOURS)


def feeling_days(formulas: Formulas, day: date) -> int:
    """Count for how many days in a row the Hooper index has been above the usual one."""
    return in_a_row(day, lambda each: formulas.feeling(each).raised)


def load_days(formulas: Formulas, day: date, side: Direction) -> int:
    """Count for how many days in a row the week has been 30 % or more off the usual."""
    return in_a_row(day, lambda each: _side(formulas.load(each)) is side)


def _hrv_week(formulas: Formulas, day: date) -> Signal | None:
    week = formulas.hrv(day)
    if week.position is not Position.BELOW or week.milliseconds is None or week.range is None:
        return None
    low, high = (exp(bound) for bound in week.range.bounds(hrv.WORTHWHILE_SDS))
    usual = exp(week.range.mean)
    firm = _weaker(week.mean.confidence, week.range.confidence)
    shown = (week.milliseconds, usual, low, high, week.days_outside, week.range.n, 7, firm)
    return Signal(SignalName.HRV_WEEK, Direction.BELOW, *shown)


def _resting_week(formulas: Formulas, day: date) -> Signal | None:
    found = formulas.drift(day)
    if not found.raised or found.bpm.value is None:
        return None
    days, high = resting_days(formulas, day), heart_rate.SHOWN_FROM_BPM
    shown = (found.bpm.value, found.usual, None, high, days, found.bpm.n, 7, found.bpm.confidence)
    return Signal(SignalName.RESTING_WEEK, Direction.ABOVE, *shown)


def _sleep_debt(formulas: Formulas, day: date) -> Signal | None:
    debt = formulas.debt(day)
    if debt.value is None or debt.value < DEBT_HOURS:
        return None
    days = debt_days(formulas, day)
    shown = (debt.value, None, None, DEBT_HOURS, days, debt.n, 7, debt.confidence)
    against = formulas.debt_against(day)
    return Signal(SignalName.SLEEP_DEBT, Direction.ABOVE, *shown, against=against)


def _feeling_week(formulas: Formulas, day: date) -> Signal | None:
    week = formulas.feeling(day)
    if not week.raised or week.mean.value is None:
        return None
    days = feeling_days(formulas, day)
    shown = (week.mean.value, week.usual, None, None, days, week.mean.n, 7, week.mean.confidence)
    return Signal(SignalName.FEELING_WEEK, Direction.ABOVE, *shown)


def _load_week(formulas: Formulas, day: date) -> Signal | None:
    change = formulas.load(day)
    side = _side(change)
    if change.value is None or side is None:
        return None
    days, bound = load_days(formulas, day, side), LOAD_CHANGE_PERCENT
    shown = (change.value, 0.0, -bound, bound, days, change.n, load.ACUTE_DAYS, change.confidence)
    return Signal(SignalName.LOAD_WEEK, side, *shown)


_WEEKS: tuple[Callable[[Formulas, date], Signal | None], ...] = (
    *(_hrv_week, _resting_week, _sleep_debt, _feeling_week, _load_week),
)


def _bad_days(
    formulas: Formulas, day: date, name: SignalName, metric: str, side: Direction
) -> Signal | None:
    """Show a metric that lay 2 SD out, in the bad direction, on two of the last three days."""
    sign = -1 if side is Direction.BELOW else 1
    usual_of = partial(formulas.usual, metric)
    bad = far_out(formulas.daily[metric], day, at=FAR_OUT_SDS, sign=sign, usual_of=usual_of)
    usual = usual_of(bad[0]) if len(bad) >= PERSISTS_FROM else None
    if usual is None:
        return None
    unit = exp if metric == "hrv" else float
    value = unit(formulas.daily[metric].values[bad[0]])
    low, high = (unit(bound) for bound in usual.bounds(FAR_OUT_SDS))
    shown = (value, unit(usual.mean), low, high, len(bad), usual.n, PERSISTS_OF)
    return Signal(name, side, *shown, usual.confidence, tuple(bad))


def _side(change: Figure) -> Direction | None:
    if change.value is None or abs(change.value) < LOAD_CHANGE_PERCENT:
        return None
    return Direction.BELOW if change.value < 0 else Direction.ABOVE


def _weaker(*those: Confidence) -> Confidence:
    return next(each for each in Confidence if each in those)
