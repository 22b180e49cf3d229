"""When a signal becomes an alert: the pure rules."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.accounts.models import FieldGroup
from coach.alerts.rules import (
    WATCHABLE,
    DayFacts,
    History,
    Rule,
    expected_a_week,
    firing,
    is_urgent,
    may_raise,
    raised,
)
from coach.insights.signals import Direction, Signal, SignalName
from coach.insights.single_days import FarDay
from coach.science.series import Confidence
from tests.insights.lives import TODAY, ago

ALL = frozenset(FieldGroup)
DAYS = [ago(back) for back in reversed(range(30))]
WEEK = Signal(SignalName.HRV_WEEK, Direction.BELOW, 45.0, 62.0, 58.0, 66.0, 3, 60, 7, Confidence.OK)


def far(z: float, n: int = 30) -> DayFacts:
    return DayFacts(far={SignalName.HRV_DAY: FarDay(z, 41.0, 60.0, n)})


def lived(of: Mapping[int, DayFacts], *, tagged: frozenset[date] = frozenset()) -> History:
    """Give 30 days that say nothing, but for some so many days ago."""
    return History({ago(back): of.get(back, DayFacts()) for back in range(35)}, tagged)


def names(
    known: History, rule: Rule | None = None, *, shares: frozenset[FieldGroup] = ALL
) -> list[str]:
    return [each.signal.name for each in firing(rule or Rule(), known, TODAY, shares)]


def test_two_of_three_days_far_out_fire_and_one_does_not() -> None:
    assert names(lived({0: far(2.1), 2: far(2.0)})) == ["hrv_day"]
    assert names(lived({0: far(5.0)})) == []
    assert names(lived({0: far(5.0), 3: far(5.0)})) == []
    (fired,) = firing(Rule(), lived({0: far(2.1), 2: far(2.0)}), TODAY, ALL)
    assert fired.dates == (TODAY, ago(2))


def test_a_coach_may_choose_how_far_is_far_and_whether_one_day_is_enough() -> None:
    known = lived({0: far(2.4), 1: far(2.4)})
    assert names(known, Rule(sds=2.5)) == []
    assert names(lived({0: far(2.4)}), Rule(persistent=False)) == ["hrv_day"]
    assert names(known, Rule(signals=frozenset({SignalName.SLEEP_DAY}))) == []


def test_what_is_thinly_founded_or_tagged_never_fires() -> None:
    provisional = replace(WEEK, confidence=Confidence.PROVISIONAL)
    assert names(lived({0: DayFacts([provisional])})) == []
    assert names(lived({0: far(3.0, n=19), 1: far(3.0, n=19)})) == []
    assert names(lived({0: DayFacts([WEEK])}, tagged=frozenset({TODAY}))) == []
    assert names(lived({0: far(3.0), 1: far(3.0)}, tagged=frozenset({ago(1)}))) == []


def test_what_is_not_shared_fires_for_nobody() -> None:
    assert names(lived({0: DayFacts([WEEK])}), shares=ALL - {FieldGroup.RECOVERY}) == []


def test_what_goes_on_is_one_alert() -> None:
    known = lived({back: DayFacts([WEEK]) for back in range(10)})
    assert [day for day, _ in raised(Rule(), known, DAYS, ALL)] == [ago(9)]


@pytest.mark.parametrize(("hours", "alerts"), [(24, 2), (72, 2), (96, 1)])
def test_what_comes_back_waits_for_the_cooldown(hours: int, alerts: int) -> None:
    known = lived({5: DayFacts([WEEK]), 2: DayFacts([WEEK])})
    assert len(raised(Rule(cooldown_hours=hours), known, DAYS, ALL)) == alerts
    assert may_raise(Rule(cooldown_hours=hours), ago(4), TODAY)


def test_two_things_are_urgent_and_two_signals_of_one_thing_are_not() -> None:
    assert is_urgent(["hrv_week", "resting_day"])
    assert not is_urgent(["hrv_week", "hrv_day", "quiet"])


def test_chance_alerts_are_those_worked_out_by_hand() -> None:
    """P(Z > 2) = 0.02275; two of three = 3 p^2 (1 - p) + p^3 = 0.0015290; 24 x 7 x that = 0.2569."""
    single = Rule(frozenset({SignalName.HRV_DAY}))
    assert isclose(expected_a_week(single, 24), 0.25688, rel_tol=1e-4)
    assert isclose(expected_a_week(replace(single, persistent=False), 24), 3.822, rel_tol=1e-3)
    # P(Z > 0.5 x sqrt 7) = P(Z > 1.3229) = 0.0929 once a week.
    week = Rule(frozenset({SignalName.HRV_WEEK}))
    assert isclose(expected_a_week(week, 24), 2.231, rel_tol=1e-3)


FACTS = st.builds(
    lambda z, shows: DayFacts(
        [WEEK] if shows else [], {SignalName.HRV_DAY: FarDay(z, 41.0, 60.0, 30)} if z >= 1.5 else {}
    ),
    st.floats(0, 4),
    st.booleans(),
)


@given(st.lists(FACTS, min_size=30, max_size=30), st.sampled_from([24, 48, 168]))
def test_a_stricter_rule_never_fires_on_more_days(days: list[DayFacts], hours: int) -> None:
    known = History(dict(zip(DAYS, days, strict=True)))
    loose, strict = Rule(cooldown_hours=hours), Rule(sds=2.5, cooldown_hours=hours)
    for day in DAYS:
        fired = {each.signal.name for each in firing(strict, known, day, ALL)}
        assert fired <= {each.signal.name for each in firing(loose, known, day, ALL)}


@given(st.lists(FACTS, min_size=30, max_size=30), st.sampled_from([24, 72, 168]))
def test_one_alert_a_signal_and_cooldown(days: list[DayFacts], hours: int) -> None:
    told = raised(
        Rule(cooldown_hours=hours), History(dict(zip(DAYS, days, strict=True))), DAYS, ALL
    )
    for name in WATCHABLE:
        dates = [day for day, each in told if each.signal.name is name]
        assert all((b - a).days * 24 >= hours for a, b in itertools.pairwise(dates))
