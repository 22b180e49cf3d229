"""One day of one client as rows: figures, signals and the three lines of strain (pure)."""

from collections.abc import Iterable
from dataclasses import asdict, astuple
from datetime import date

from coach.insights.formulas import FORMULA_VERSION, Formulas
from coach.insights.life import Life
from coach.insights.signals import (
    Direction,
    Signal,
    SignalName,
    as_json,
    attention,
    debt_days,
    feeling_days,
    load_days,
    resting_days,
    signals_of,
)
from coach.insights.single_days import far_days
from coach.science import burnout, sleep
from coach.science.baseline import LEFT_OUT_DAYS, RANGE_DAYS
from coach.science.burnout import Contribution, Line, LineName
from coach.science.hrv import HrvWeek, Position
from coach.science.series import Figure, Series, graded
from coach.science.sleep_need import NeedBy

DECIMALS = 3
ANSWERED_WITHIN_DAYS = 14
VALID_WITHIN_DAYS = LEFT_OUT_DAYS + RANGE_DAYS
Row = dict[str, object]


def figures(life: Life, formulas: Formulas, day: date) -> Row:
    """Give the columns of an insight; a figure that is refused is empty."""
    week, drift = formulas.hrv(day), formulas.drift(day)
    debt, load, feeling = formulas.debt(day), formulas.load(day), formulas.feeling(day).mean
    low, high = week.range_milliseconds or (None, None)
    signals = signals_of(formulas, day)
    return {
        "formula_version": FORMULA_VERSION,
        "hrv_week_ms": _round(week.milliseconds),
        "hrv_low_ms": _round(low),
        "hrv_high_ms": _round(high),
        "hrv_position": week.position.value,
        "hrv_days_outside": week.days_outside,
        "rhr_drift_bpm": _round(drift.bpm.value),
        "rhr_raised": drift.raised,
        "sleep_hours": _round(life.series["sleep_hours"].values.get(day)),
        "sleep_balance_hours": _round(_balance(life, day)),
        "sleep_debt_hours": _round(debt.value),
        "load_change_percent": _round(load.value),
        "hooper_week": _round(feeling.value),
        "attention": attention(signals, life.tags(day)),
        "behind": {
            **_behind_hrv(week),
            "rhr_drift": _behind(drift.bpm),
            "sleep_debt": {**_behind(debt), "against": formulas.debt_against(day)},
            "sleep_balance": _behind_balance(life, day),
            "load_change": _behind(load),
            "hooper_week": _behind(feeling),
            "single_days": _single_days(formulas, day),
        },
        "signals": [_told(each) for each in signals],
    }


def strain_signals(life: Life, formulas: Formulas, day: date) -> Row:
    """Give the columns of the three lines; each factor with its days, window and count."""
    lines = lines_of(life, formulas, day)
    return {
        "formula_version": FORMULA_VERSION,
        **{line.name.value: line.state.value for line in lines},
        "factors": {
            line.name.value: [asdict(each) for each in line.contributions] for line in lines
        },
    }


def lines_of(life: Life, formulas: Formulas, day: date) -> list[Line]:
    """Say of body, sleep and feeling whether a signal has stood out for a week or more."""
    answers = _count(life.answered, day, ANSWERED_WITHIN_DAYS)
    measured = {*life.series["hrv"].values, *life.series["resting_heart_rate"].values}
    valid = {
        LineName.BODY: measured,
        LineName.SLEEP: life.series["sleep_hours"].values.keys(),
        LineName.FEELING: life.hooper.values.keys(),
    }
    said = {
        LineName.BODY: _of_body(formulas, day),
        LineName.SLEEP: [
            _contribution(SignalName.SLEEP_DEBT, debt_days(formulas, day), formulas.debt(day).n)
        ],
        LineName.FEELING: [
            _contribution(
                SignalName.FEELING_WEEK, feeling_days(formulas, day), formulas.feeling(day).mean.n
            )
        ],
    }
    return [
        burnout.line(
            name,
            said[name],
            valid_days=_count(valid[name], day, VALID_WITHIN_DAYS),
            answers=answers,
        )
        for name in LineName
    ]


def _of_body(formulas: Formulas, day: date) -> list[Contribution]:
    week, drop = formulas.hrv(day), load_days(formulas, day, Direction.BELOW)
    below = week.days_outside if week.position is Position.BELOW else 0
    drift = formulas.drift(day).bpm
    return [
        _contribution(SignalName.HRV_WEEK, below, week.range.n if week.range else 0),
        _contribution(SignalName.RESTING_WEEK, resting_days(formulas, day), drift.n),
        _contribution(SignalName.LOAD_WEEK, drop, formulas.load(day).n),
    ]


def _contribution(name: SignalName, days: int, n: int) -> Contribution:
    return Contribution(name.value, days, 7, n)


def _count(dates: Iterable[date], day: date, within: int) -> int:
    return sum(0 <= (day - each).days < within for each in dates)


def _balance(life: Life, day: date) -> float | None:
    asleep: Series = life.series["sleep_hours"]
    slept, needed = asleep.values.get(day), life.series["sleep_need_hours"].values.get(day)
    return None if slept is None or needed is None else sleep.balance(slept, needed)


def _behind_balance(life: Life, day: date) -> Row:
    """Say whose need the night is held against: its own, with the debt that WHOOP's holds."""
    need = life.needs.get(day)
    typed = need is not None and need.by is NeedBy.TYPED
    known = _balance(life, day) is not None
    against = NeedBy.TYPED if typed else NeedBy.WHOOP
    return {**_behind(graded(1.0, int(known), provisional=1, ok=1)), "against": against}


def _told(signal: Signal) -> Row:
    told = as_json(signal)
    return {name: _round(it) if isinstance(it, float) else it for name, it in told.items()}


def _single_days(formulas: Formulas, day: date) -> Row:
    found = far_days(formulas, day)
    return {name.value: [_round(it) for it in astuple(far)] for name, far in found.items()}


def _behind_hrv(week: HrvWeek) -> dict[str, Row]:
    usual = week.range
    known: Row = {"n": usual.n, "confidence": usual.confidence} if usual else {}
    return {"hrv_week": _behind(week.mean), "hrv_range": known or {"n": 0, "confidence": "none"}}


def _behind(figure: Figure) -> Row:
    return {"n": figure.n, "confidence": figure.confidence}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
