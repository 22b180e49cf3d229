"""Which signals show, of lives made by hand."""

from dataclasses import replace
from math import exp, log

import pytest

from coach.check_ins.models import TagKind
from coach.insights import formulas
from coach.insights.judging import figures, lines_of
from coach.insights.signals import (
    Direction,
    Signal,
    SignalName,
    attention,
    in_order,
    signals_of,
)
from coach.science.burnout import LineName, LineState
from coach.science.series import Confidence
from coach.science.sleep_need import NeedBy
from tests.insights.lives import STEADY, TODAY, Made, Run, ago, steady


def shown(made: Made) -> dict[SignalName, Signal]:
    found = signals_of(formulas.over(made.life()), TODAY)
    return {signal.name: signal for signal in found}


def need(made: Made) -> int:
    return attention(shown(made).values(), made.life().tags(TODAY))


def states(made: Made) -> dict[LineName, LineState]:
    life = made.life()
    return {line.name: line.state for line in lines_of(life, formulas.over(life), TODAY)}


def test_a_steady_life_shows_nothing() -> None:
    assert shown(Made()) == {}
    assert need(Made()) == 0


def test_nobody_known_shows_nothing() -> None:
    assert shown(Made(runs={name: [] for name in STEADY})) == {}


def test_a_week_of_low_hrv_shows_its_numbers_and_days() -> None:
    signal = shown(Made({"hrv": steady("hrv", then=[45.0] * 7)}))[SignalName.HRV_WEEK]
    values = [log(value) for value in STEADY["hrv"]] * 12
    mean = sum(values) / 60
    sd = (sum((value - mean) ** 2 for value in values) / 59) ** 0.5
    assert signal.value == pytest.approx(45.0)
    assert signal.usual == pytest.approx(exp(mean))
    assert (signal.low, signal.high) == pytest.approx((exp(mean - sd / 2), exp(mean + sd / 2)))
    assert (signal.direction, signal.n, signal.window) == (Direction.BELOW, 60, 7)
    assert signal.confidence is Confidence.OK
    assert 5 <= signal.days <= 7


def test_a_week_of_high_hrv_is_no_signal() -> None:
    assert shown(Made({"hrv": steady("hrv", then=[90.0] * 7)})) == {}


@pytest.mark.parametrize(
    ("metric", "far", "name"),
    [
        ("hrv", 40.0, SignalName.HRV_DAY),
        ("resting_heart_rate", 60.0, SignalName.RESTING_DAY),
        ("sleep_hours", 5.0, SignalName.SLEEP_DAY),
        ("respiratory_rate", 18.0, SignalName.RESPIRATORY_DAY),
    ],
)
def test_two_far_days_of_three_show_and_one_does_not(
    metric: str, far: float, name: SignalName
) -> None:
    usual = STEADY[metric][1]
    assert name not in shown(Made({metric: steady(metric, then=[far])}))
    signal = shown(Made({metric: steady(metric, then=[far, usual, far])}))[name]
    assert signal.value == pytest.approx(far)
    assert (signal.days, signal.window) == (2, 3)
    assert signal.dates == (TODAY, ago(2))


def test_far_days_in_the_good_direction_are_no_signal() -> None:
    good = {"hrv": [80.0] * 2, "resting_heart_rate": [40.0] * 2, "sleep_hours": [10.0] * 2}
    assert shown(Made({name: steady(name, then=then) for name, then in good.items()})) == {}


def test_a_resting_heart_rate_that_drifts_shows_the_drift() -> None:
    made = Made({"resting_heart_rate": steady("resting_heart_rate", then=[55.0] * 7)})
    signal = shown(made)[SignalName.RESTING_WEEK]
    assert (signal.value, signal.usual) == pytest.approx((5.0, 50.0))


def test_five_hours_of_debt_show_and_less_do_not() -> None:
    five = [6.5] * 5 + [7.5] * 2
    assert shown(Made({"sleep_hours": steady("sleep_hours", then=five)}))[
        SignalName.SLEEP_DEBT
    ].value == pytest.approx(5.0)
    less = [6.6] * 5 + [7.5] * 2
    assert SignalName.SLEEP_DEBT not in shown(
        Made({"sleep_hours": steady("sleep_hours", then=less)})
    )


@pytest.mark.parametrize(
    ("typed", "debt", "against"),
    [(False, 0.5, NeedBy.WHOOP), (True, None, NeedBy.TYPED), (False, None, NeedBy.DEFAULT)],
)
def test_the_debt_is_against_the_own_need_and_says_so(
    typed: bool,  # noqa: FBT001  # a case
    debt: float | None,
    against: NeedBy,
) -> None:
    nights: dict[str, Run] = {
        "sleep_hours": steady("sleep_hours", then=[6.5] * 7),
        "sleep_need_hours": [8.5] * 100,
        "sleep_debt_hours": [debt] * 100,
    }
    signal = shown(Made(nights, need_typed=typed))[SignalName.SLEEP_DEBT]
    own = {NeedBy.WHOOP: 8.0, NeedBy.TYPED: 8.5, NeedBy.DEFAULT: 7.5}[against]
    assert signal.value == pytest.approx(7 * (own - 6.5))
    assert signal.against is against


def test_feeling_worse_than_usual_shows() -> None:
    fine = {ago(back): 2 + back % 2 for back in range(7, 60)}
    made = Made(check_ins={**fine, **{ago(back): 5 for back in range(7)}})
    signal = shown(made)[SignalName.FEELING_WEEK]
    assert (signal.value, signal.n) == (20.0, 7)


@pytest.mark.parametrize(("load", "side"), [(4.0, Direction.BELOW), (16.0, Direction.ABOVE)])
def test_another_load_is_shown_and_calls_for_nobody(load: float, side: Direction) -> None:
    made = Made({"strain": steady("strain", then=[load] * 7)})
    assert shown(made)[SignalName.LOAD_WEEK].direction is side
    assert need(made) == 0


def test_two_things_come_before_one_that_has_lasted() -> None:
    one = Made({"hrv": steady("hrv", then=[45.0] * 28)})
    debt = steady("sleep_hours", then=[6.0] * 7)
    two = Made({"hrv": steady("hrv", then=[45.0] * 5), "sleep_hours": debt})
    assert 100 < need(one) < 200 < need(two)


def test_what_calls_for_somebody_and_has_lasted_is_told_first() -> None:
    week = shown(Made({"hrv": steady("hrv", then=[45.0] * 7)}))[SignalName.HRV_WEEK]
    lasting = {SignalName.LOAD_WEEK: 9, SignalName.HRV_WEEK: 3, SignalName.SLEEP_DEBT: 6}
    found = [replace(week, name=name, days=days) for name, days in lasting.items()]
    assert [each.days for each in in_order(found)] == [6, 3, 9]


def test_two_signals_about_the_same_thing_are_one_reason() -> None:
    made = Made({"hrv": steady("hrv", then=[45.0] * 7)})
    assert {SignalName.HRV_WEEK, SignalName.HRV_DAY} <= shown(made).keys()
    assert need(made) < 200


def test_who_is_tagged_ill_is_shown_with_the_tag_and_not_twice() -> None:
    low = {"hrv": steady("hrv", then=[45.0] * 7)}
    ill = Made(low, tags=[(TagKind.ILL, ago(3), None)])
    travelling = Made(low, tags=[(TagKind.TRAVELLING, ago(3), None)])
    assert SignalName.HRV_WEEK in shown(ill)
    assert 0 < need(ill) < 100 < need(travelling)


def test_days_tagged_ill_are_no_part_of_the_usual_range() -> None:
    run = steady("hrv", then=[30.0] * 20 + [60.0] * 7)
    ill = Made({"hrv": run}, tags=[(TagKind.ILL, ago(26), ago(7))])
    spoilt = formulas.over(Made({"hrv": run}).life()).hrv(TODAY)
    clean = formulas.over(ill.life()).hrv(TODAY)
    assert spoilt.range
    assert clean.range
    assert clean.range.n == 40
    assert clean.range.mean > spoilt.range.mean


def test_a_competition_is_part_of_the_usual_range() -> None:
    made = Made(tags=[(TagKind.COMPETITION, ago(26), ago(7))])
    found = formulas.over(made.life()).hrv(TODAY)
    assert found.range
    assert found.range.n == 60


def test_doubtful_values_are_left_out() -> None:
    low = {"hrv": steady("hrv", then=[30.0] * 7)}
    made = Made(low, doubtful={ago(back): ["hrv"] for back in range(7)})
    assert shown(made) == {}


def test_what_an_open_day_has_collected_is_left_out_but_not_the_night_before() -> None:
    life = Made(is_open=True).life()
    assert TODAY not in life.series["strain"].values
    assert TODAY in life.series["hrv"].values


def test_three_lines_speak_for_themselves() -> None:
    answers = {ago(back): 2 + back % 2 for back in range(60)}
    debt = steady("sleep_hours", then=[6.0] * 20)
    assert states(Made({"sleep_hours": debt}, check_ins=answers)) == {
        LineName.BODY: LineState.QUIET,
        LineName.SLEEP: LineState.RAISED,
        LineName.FEELING: LineState.QUIET,
    }


def test_without_an_answer_in_two_weeks_no_line_says_anything() -> None:
    answers = {ago(back): 2 for back in range(14, 60)}
    debt = steady("sleep_hours", then=[6.0] * 20)
    made = Made({"sleep_hours": debt}, check_ins=answers)
    assert set(states(made).values()) == {LineState.NOT_ENOUGH}


def test_figures_below_their_minimum_are_empty_and_say_how_many_days_there_are() -> None:
    life = Made({name: steady(name, 4) for name in STEADY}).life()
    row = figures(life, formulas.over(life), TODAY)
    assert row["rhr_drift_bpm"] is row["sleep_debt_hours"] is row["hrv_low_ms"] is None
    behind = row["behind"]
    assert isinstance(behind, dict)
    assert behind["sleep_debt"] == {"n": 4, "confidence": "none", "against": NeedBy.DEFAULT}
    assert behind["hrv_week"] == {"n": 4, "confidence": "provisional"}
