"""One client's week against their own weeks before: each figure with the days behind it (pure).

What is refused has no value. A line says on which side of the person's own usual the week lies,
never what that means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from statistics import fmean

from coach.accounts.models import FieldGroup
from coach.insights.life import Life
from coach.insights.signals import DEBT_HOURS, LOAD_CHANGE_PERCENT
from coach.science import feelings, heart_rate, hrv, load, sleep
from coach.science.baseline import own_range, usual
from coach.science.hrv import Position
from coach.science.series import Confidence, Figure, Series, graded
from coach.science.sleep_need import NeedBy
from coach.weekly.week import Week

VERSION = 1
# A week's mean needs 3 days, what it is held against 7 of the 28 before [our defaults].
WEEK_MINIMUM, WEEK_OK = 3, 5
BEFORE_WEEKS, BEFORE_MINIMUM, BEFORE_OK = 4, 7, 14


class Measure(StrEnum):
    """What is told of a week, in this order."""

    HRV = "hrv"
    RESTING = "resting"
    SLEEP = "sleep"
    DEBT = "debt"
    STRAIN = "strain"
    CHECK_INS = "check_ins"
    MOOD = "mood"
    FEELING = "feeling"


GROUP_OF_MEASURE = {
    Measure.HRV: FieldGroup.RECOVERY,
    Measure.RESTING: FieldGroup.RECOVERY,
    Measure.SLEEP: FieldGroup.SLEEP,
    Measure.DEBT: FieldGroup.SLEEP,
    Measure.STRAIN: FieldGroup.STRAIN,
    Measure.CHECK_INS: FieldGroup.CHECK_IN,
    Measure.MOOD: FieldGroup.CHECK_IN,
    Measure.FEELING: FieldGroup.CHECK_IN,
}


class Stance(StrEnum):
    """Where a week lies against the person's own usual; told, where nothing is worth a word."""

    BELOW = "below"
    INSIDE = "inside"
    ABOVE = "above"
    TOLD = "told"
    TOO_FEW = "too_few"  # days this week
    NO_USUAL = "no_usual"  # too few days before it


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: the week, the usual, and the four weeks before with this one, oldest first.

    Units: ms, bpm, hours, hours, percent of the usual strain, days, points of 10, points of 28.
    """

    measure: Measure
    week: Figure
    usual: float | None
    usual_n: int
    stance: Stance
    weeks: tuple[float | None, ...] = ()
    span: tuple[float, float] | None = None
    against: NeedBy | None = None  # whose need of sleep

    @property
    def stands_out(self) -> bool:
        return self.stance in {Stance.BELOW, Stance.ABOVE}


@dataclass(frozen=True, slots=True)
class Told:
    """What the lines rest on: the life, the moods (1 to 10), and the week."""

    life: Life
    moods: Series
    week: Week


def lines(told: Told, shares: frozenset[FieldGroup]) -> dict[Measure, Line]:
    """Work out each measure that is shared."""
    return {each: _LINES[each](told) for each in Measure if GROUP_OF_MEASURE[each] in shares}


def week_mean(series: Series, week: Week) -> Figure:
    """Mean of the week's known days: none under 3, firm from 5 [our default]. Version 1."""
    values = series.between(week.monday, week.last)
    mean = fmean(values) if values else None
    return graded(mean, len(values), provisional=WEEK_MINIMUM, ok=WEEK_OK)


def before_mean(series: Series, week: Week) -> Figure:
    """Mean of the four weeks before but unusual days: none under 7, firm from 14. Version 1."""
    values = series.usual(week.back(BEFORE_WEEKS).monday, week.back(1).last)
    mean = fmean(values) if values else None
    return graded(mean, len(values), provisional=BEFORE_MINIMUM, ok=BEFORE_OK)


def _hrv(told: Told) -> Line:
    ln = hrv.logs(told.life.series["hrv"])
    mean, own = hrv.week_mean(ln, told.week.last), own_range(ln, told.week.last)
    low, high = own.bounds(hrv.WORTHWHILE_SDS) if own else (0.0, 0.0)
    side = _SIDES.get(hrv.position(mean, own), Stance.INSIDE)
    return Line(
        Measure.HRV,
        Figure(_milliseconds(mean.value), mean.n, mean.confidence),
        exp(own.mean) if own else None,
        own.n if own else 0,
        _stance(side, enough=mean.value is not None, held_against=own is not None),
        tuple(map(_milliseconds, _weeks(ln, told.week))),
        (exp(low), exp(high)) if own else None,
    )


def _resting(told: Told) -> Line:
    bpm, minimum = told.life.series["resting_heart_rate"], heart_rate.WEEK_MINIMUM
    drift, days = heart_rate.drift(bpm, told.week.last), bpm.last(7, until=told.week.last)
    mean = graded(fmean(days) if days else None, len(days), provisional=minimum, ok=minimum)
    side = Stance.ABOVE if drift.raised else Stance.INSIDE
    stance = _stance(side, enough=mean.value is not None, held_against=drift.usual is not None)
    weeks = _weeks(bpm, told.week)
    return Line(Measure.RESTING, mean, drift.usual, drift.bpm.n, stance, weeks)


def _sleep(told: Told) -> Line:
    return _against_before(Measure.SLEEP, told.life.series["sleep_hours"], told.week)


def _debt(told: Told) -> Line:
    of, needs = told.life.series, told.life.needs
    debt = sleep.debt(of["sleep_hours"], of["nap_hours"], told.week.last, needs=needs)
    against = sleep.debt_against(of["sleep_hours"], told.week.last, needs=needs)
    side = Stance.ABOVE if (debt.value or 0.0) >= DEBT_HOURS else Stance.TOLD
    stance = _stance(side, enough=debt.value is not None, held_against=True)
    return Line(Measure.DEBT, debt, None, 0, stance, against=against)


def _strain(told: Told) -> Line:
    """Hold the week's mean against the 21 days before; strain is a proxy and never summed."""
    strain, last = told.life.series["strain"], told.week.last
    change, days = load.week_against_usual(strain, last), len(strain.last(7, until=last))
    side = Stance.INSIDE
    if change.value is not None and abs(change.value) >= LOAD_CHANGE_PERCENT:
        side = Stance.ABOVE if change.value > 0 else Stance.BELOW
    enough, held = days >= load.WEEK_MINIMUM, change.n >= load.USUAL_MINIMUM
    stance = _stance(side, enough=enough, held_against=held and change.value is not None)
    figure = Figure(change.value, days, change.confidence)
    return Line(Measure.STRAIN, figure, None, change.n, stance, _weeks(strain, told.week))


def _check_ins(told: Told) -> Line:
    """Count the days that were answered; no answer is an answer too, so nothing is refused."""
    counts = [
        float(sum(day in told.life.answered for day in told.week.back(back).dates))
        for back in reversed(range(BEFORE_WEEKS + 1))
    ]
    before = fmean(counts[:-1]) if any(counts[:-1]) else None
    week = Figure(counts[-1], int(counts[-1]), Confidence.OK)
    return Line(Measure.CHECK_INS, week, before, BEFORE_WEEKS * 7, Stance.TOLD, tuple(counts))


def _mood(told: Told) -> Line:
    return _against_before(Measure.MOOD, told.moods, told.week)


def _feeling(told: Told) -> Line:
    hooper, last = told.life.hooper, told.week.last
    found, days = feelings.feeling_week(hooper, last), usual(hooper, last)
    side = Stance.ABOVE if found.raised else Stance.INSIDE
    enough = found.mean.value is not None
    stance = _stance(side, enough=enough, held_against=found.usual is not None)
    weeks = _weeks(hooper, told.week)
    return Line(Measure.FEELING, found.mean, found.usual, len(days), stance, weeks)


_LINES: Mapping[Measure, Callable[[Told], Line]] = {
    Measure.HRV: _hrv,
    Measure.RESTING: _resting,
    Measure.SLEEP: _sleep,
    Measure.DEBT: _debt,
    Measure.STRAIN: _strain,
    Measure.CHECK_INS: _check_ins,
    Measure.MOOD: _mood,
    Measure.FEELING: _feeling,
}
_SIDES = {Position.BELOW: Stance.BELOW, Position.ABOVE: Stance.ABOVE}


def _against_before(measure: Measure, series: Series, week: Week) -> Line:
    """Tell a mean and the one before it; how much of a difference matters nobody has shown."""
    mean, before = week_mean(series, week), before_mean(series, week)
    stance = _stance(
        Stance.TOLD, enough=mean.value is not None, held_against=before.value is not None
    )
    return Line(measure, mean, before.value, before.n, stance, _weeks(series, week))


def _stance(side: Stance, *, enough: bool, held_against: bool) -> Stance:
    if not enough:
        return Stance.TOO_FEW
    return side if held_against else Stance.NO_USUAL


def _weeks(series: Series, week: Week) -> tuple[float | None, ...]:
    """Give the means of the four weeks before and of this one, oldest first."""
    backs = reversed(range(BEFORE_WEEKS + 1))
    return tuple(week_mean(series, week.back(back)).value for back in backs)


def _milliseconds(ln: float | None) -> float | None:
    return None if ln is None else exp(ln)
