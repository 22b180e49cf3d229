"""A week against the own weeks before; values worked out by hand where they are short."""

from datetime import timedelta
from math import exp, log
from statistics import fmean

import pytest

from coach.accounts.models import FieldGroup
from coach.science.series import Series
from coach.weekly.figures import (
    BEFORE_MINIMUM,
    Measure,
    Stance,
    Told,
    before_mean,
    lines,
    week_mean,
)
from tests.insights.lives import Made
from tests.weekly.weeks import OVER, run, told


def test_a_usual_week_stands_out_in_nothing() -> None:
    found = told(Made())
    assert not [line for line in found.values() if line.stands_out]
    assert found[Measure.HRV].stance is Stance.INSIDE
    assert found[Measure.HRV].week.n == 7


def test_a_low_week_lies_below_the_own_range_and_later_days_change_nothing() -> None:
    low = told(Made({"hrv": run("hrv", *[45.0] * 7)}))[Measure.HRV]
    assert low.stance is Stance.BELOW
    assert low.week.value == pytest.approx(45.0)
    assert low.span
    assert low.span[0] > 45.0
    assert low.weeks[-1] == pytest.approx(45.0)
    assert low.weeks[0] == pytest.approx(exp(fmean(map(log, [58, 60, 62, 64, 66]))), rel=0.03)


@pytest.mark.parametrize(("known", "stance"), [(2, Stance.TOO_FEW), (3, Stance.BELOW)])
def test_two_nights_are_refused(known: int, stance: Stance) -> None:
    week = [45.0] * known + [None] * (7 - known)
    line = told(Made({"hrv": run("hrv", *week)}))[Measure.HRV]
    assert line.stance is stance
    assert line.week.n == known
    assert (line.week.value is None) == (stance is Stance.TOO_FEW)


def test_a_raised_heart_rate_stands_out_from_five_nights_on() -> None:
    name = "resting_heart_rate"
    high, few = run(name, *[57.0] * 7), run(name, *[57.0] * 4, None, None, None)
    assert told(Made({name: high}))[Measure.RESTING].stance is Stance.ABOVE
    assert told(Made({name: few}))[Measure.RESTING].stance is Stance.TOO_FEW


def test_strain_is_held_against_the_three_weeks_before() -> None:
    line = told(Made({"strain": run("strain", *[18.0] * 7)}))[Measure.STRAIN]
    assert line.stance is Stance.ABOVE
    assert line.week.value == pytest.approx(100 * (18 / 11 - 1), abs=3)
    assert line.usual_n == 21


def test_short_nights_are_counted_as_missing_sleep_not_as_a_verdict() -> None:
    found = told(Made({"sleep_hours": run("sleep_hours", *[6.0] * 7)}))
    assert found[Measure.DEBT].week.value == pytest.approx(7 * 1.5)
    assert found[Measure.DEBT].stands_out
    assert found[Measure.SLEEP].stance is Stance.TOLD


def test_check_ins_are_counted_and_mood_has_a_minimum() -> None:
    moods = Series({OVER.monday + timedelta(days=step): 6.0 for step in range(2)})
    found = told(Made(check_ins={OVER.monday: 2, OVER.last: 3}), moods)
    assert found[Measure.CHECK_INS].week.value == 2
    assert found[Measure.MOOD].stance is Stance.TOO_FEW
    assert found[Measure.FEELING].stance is Stance.TOO_FEW


def test_without_a_past_there_is_nothing_to_compare_with() -> None:
    short = Made(
        {name: [50.0] * 9 for name in ("hrv", "resting_heart_rate")}
        | {
            "sleep_hours": [7.0] * 9,
            "sleep_need_hours": [8.0],
            "respiratory_rate": [15.0],
            "strain": [10.0] * 9,
        }
    )
    found = told(short)
    for measure in (Measure.HRV, Measure.RESTING, Measure.SLEEP, Measure.STRAIN):
        assert found[measure].stance is Stance.NO_USUAL


def test_what_is_not_shared_has_no_line() -> None:
    life = Told(Made().life(), Series({}), OVER)
    assert set(lines(life, frozenset({FieldGroup.SLEEP}))) == {Measure.SLEEP, Measure.DEBT}
    assert lines(life, frozenset()) == {}


def test_means_of_weeks_have_their_minimum_of_days() -> None:
    of_week = dict.fromkeys(OVER.dates[:3], 4.0)
    before = {OVER.monday - timedelta(days=1 + step): 2.0 for step in range(BEFORE_MINIMUM)}
    series = Series(of_week | before)
    assert week_mean(series, OVER).value == 4.0
    assert before_mean(series, OVER).value == 2.0
    few = Series(dict(list(of_week.items())[:2]) | dict(list(before.items())[:-1]))
    assert week_mean(few, OVER).value is before_mean(few, OVER).value is None
