"""What WHOOP's records say of a day, in our words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest

from coach.days import calendar
from coach.days.assembling import assemble
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source
from coach.days.telling import Told
from coach.whoop.mapping import RecordFacts, describe, tell, weight_kg
from coach.whoop.payloads import (
    BodyMeasurement,
    Cycle,
    Problem,
    RecordKind,
    Recovery,
    Sleep,
    Workout,
)
from tests.whoop.records import (
    HOUR,
    Raw,
    cycle,
    later,
    nap,
    recovery,
    recovery_score,
    sleep,
    sleep_id,
    sleep_score,
    workout,
)

WOKE = date(2026, 5, 14)
TODAY = date(2026, 5, 20)


class Mapped(NamedTuple):
    """What WHOOP alone says of each day, what it tells, and what could not be used."""

    days: Mapping[date, Reading]
    told: Told
    problems: list[Problem]


def mapped(
    *cycles: Raw,
    sleeps: tuple[Raw, ...] = (),
    recoveries: tuple[Raw, ...] = (),
    workouts: tuple[Raw, ...] | None = (),
) -> Mapped:
    told, problems = tell(
        Cycle.parse_all(cycles)[0],
        Sleep.parse_all(sleeps)[0],
        Recovery.parse_all(recoveries)[0],
        None if workouts is None else Workout.parse_all(workouts)[0],
    )
    return Mapped(assemble({Source.WHOOP: told}).readings[Source.WHOOP], told, problems)


def only(said: Mapped) -> Reading:
    (reading,) = said.days.values()
    return reading


def test_a_whole_day_is_told_in_our_words() -> None:
    said = mapped(cycle(), sleeps=(sleep(), nap()), recoveries=(recovery(),), workouts=(workout(),))
    assert list(said.days) == [WOKE]
    assert said.problems == []
    reading = said.days[WOKE]
    assert (reading.source, reading.provisional, reading.calibrating) == (
        Source.WHOOP,
        False,
        False,
    )
    assert reading.values == {
        "recovery_score": 66.0,
        "strain": 12.3456,
        "hrv": 71.25,
        "sleep_hours": 7.0,
        "sleep_quality": 82.0,
        "resting_heart_rate": 52.0,
        "spo2": 96.5,
        "skin_temp_celsius": 33.75,
        "respiratory_rate": 14.5,
        "sleep_efficiency": 91.5,
        "in_bed_hours": 8.0,
        "light_hours": 4.0,
        "deep_hours": 2.0,
        "rem_hours": 1.0,
        "awake_hours": 0.5,
        "sleep_need_hours": 8.5,
        "sleep_debt_hours": 0.5,
        "nap_hours": 1.5,
        "sleep_started_at": datetime(2026, 5, 13, 22, tzinfo=UTC),
        "sleep_ended_at": datetime(2026, 5, 14, 6, tzinfo=UTC),
        "sleep_offset_minutes": 120,
        "energy_kj": 9554.25,
        "average_heart_rate": 62,
        "max_heart_rate": 171,
        "step_count": 8123,
        "workout_count": 1,
    }


def test_a_recovery_of_a_nap_never_stands_for_the_day() -> None:
    of_nap = recovery(sleep_id=sleep_id(2), score=recovery_score(recovery_score=4.0))
    both = mapped(cycle(), sleeps=(nap(), sleep()), recoveries=(of_nap, recovery()))
    alone = mapped(cycle(), sleeps=(nap(), sleep()), recoveries=(of_nap,))
    assert only(both).values["recovery_score"] == 66.0
    assert "recovery_score" not in only(alone).values
    assert only(alone).values["nap_hours"] == 1.5


def test_a_cycle_with_only_a_nap_has_no_night() -> None:
    said = mapped(cycle(), sleeps=(nap(),), recoveries=(recovery(sleep_id=sleep_id(2)),))
    values = only(said).values
    assert values["nap_hours"] == 1.5
    assert not {"sleep_hours", "sleep_started_at", "recovery_score"} & values.keys()


def test_of_two_nights_in_a_cycle_the_first_counts() -> None:
    second = sleep(id=sleep_id(9), start=later(20), end=later(23))
    values = only(mapped(cycle(), sleeps=(second, sleep()))).values
    assert values["sleep_ended_at"] == datetime(2026, 5, 14, 6, tzinfo=UTC)


def test_naps_are_added_up() -> None:
    values = only(mapped(cycle(), sleeps=(sleep(), nap(), nap(id=sleep_id(8))))).values
    assert values["nap_hours"] == 3.0


def test_a_missing_recovery_leaves_the_rest() -> None:
    values = only(mapped(cycle(), sleeps=(sleep(),))).values
    assert values["sleep_hours"] == 7.0
    assert "recovery_score" not in values


def test_an_unscorable_night_keeps_its_times_only() -> None:
    unscored = sleep(score_state="UNSCORABLE", score=None)
    reading = only(mapped(cycle(), sleeps=(unscored,)))
    assert {name for name in reading.values if name.startswith(("sleep", "deep"))} == {
        "sleep_started_at",
        "sleep_ended_at",
        "sleep_offset_minutes",
    }
    assert reading.values["strain"] == 12.3456
    assert reading.provisional is False


@pytest.mark.parametrize("state", ["PENDING_SCORE", "UNSCORABLE", "SOMETHING_NEW"])
def test_a_score_counts_only_once_it_is_scored(state: str) -> None:
    said = mapped(cycle(), sleeps=(sleep(),), recoveries=(recovery(score_state=state),))
    assert "recovery_score" not in only(said).values


def test_a_day_is_provisional_while_anything_of_it_is_pending() -> None:
    pending = {"score_state": "PENDING_SCORE", "score": None}
    assert only(mapped(cycle(**pending))).provisional
    assert only(mapped(cycle(), sleeps=(sleep(**pending),))).provisional
    assert only(mapped(cycle(), sleeps=(sleep(), nap(**pending)))).provisional
    assert only(mapped(cycle(), sleeps=(sleep(),), recoveries=(recovery(**pending),))).provisional
    assert only(mapped(cycle(), workouts=(workout(**pending),))).provisional
    assert not only(mapped(cycle())).provisional


def test_the_open_cycle_is_provisional_with_a_rising_strain() -> None:
    reading = only(mapped(cycle(end=None), workouts=(workout(start=later(40)),)))
    assert reading.provisional
    assert (reading.values["strain"], reading.values["workout_count"]) == (12.3456, 1)


def test_a_new_member_is_calibrating() -> None:
    new = recovery(score=recovery_score(user_calibrating=True))
    assert only(mapped(cycle(), sleeps=(sleep(),), recoveries=(new,))).calibrating


def test_workouts_count_from_the_start_of_a_cycle_until_before_its_end() -> None:
    starts = [later(-0.01), later(0), later(23.9), later(24)]
    said = mapped(cycle(), workouts=tuple(workout(start=start) for start in starts))
    assert only(said).values["workout_count"] == 2


def test_workouts_we_may_not_know_are_not_none() -> None:
    assert "workout_count" not in only(mapped(cycle(), workouts=None)).values
    assert only(mapped(cycle(), workouts=())).values["workout_count"] == 0


def test_a_traveller_wakes_on_the_date_of_where_they_woke() -> None:
    there = sleep(timezone_offset="-10:00")
    said = mapped(cycle(timezone_offset="+12:00"), sleeps=(there,))
    assert list(said.days) == [date(2026, 5, 13)]
    assert only(said).values["sleep_offset_minutes"] == -600


@pytest.mark.parametrize("offset", ["+99:99", "CET", ""])
def test_an_offset_nobody_understands_is_borrowed(offset: str) -> None:
    said = mapped(cycle(timezone_offset="Z"), sleeps=(sleep(timezone_offset=offset, end=later(1)),))
    assert list(said.days) == [date(2026, 5, 13)]
    assert "sleep_offset_minutes" not in only(said).values
    expected = ["timezone_offset"] if offset else []
    assert [problem.field for problem in said.problems] == expected


def test_the_longer_night_owns_a_date_and_the_other_stays_visible() -> None:
    # Two cycles that both end on the same date and have nowhere else to go.
    short = sleep_score(stage_summary={"total_light_sleep_time_milli": HOUR})
    first = cycle(id=1, end=later(3))
    second = cycle(id=2, start=later(3), end=later(20))
    said = mapped(
        first,
        second,
        sleeps=(
            sleep(cycle_id=1, end=later(2.5), score=short),
            sleep(cycle_id=2, id=sleep_id(5), start=later(3)),
        ),
    )
    placed = calendar.place(it.cycle for it in said.told.cycles)
    assert [(it.key, it.owns) for it in placed] == [("1", False), ("2", True)]
    assert only(said).values["sleep_started_at"] == datetime(2026, 5, 14, 1, tzinfo=UTC)


def test_what_is_null_says_nothing() -> None:
    nulls = recovery_score(spo2_percentage=None, skin_temp_celsius=None)
    said = mapped(cycle(step_count=None), sleeps=(sleep(),), recoveries=(recovery(score=nulls),))
    assert not {"spo2", "skin_temp_celsius", "step_count"} & only(said).values.keys()
    assert said.problems == []


def test_part_of_a_sum_is_no_sum() -> None:
    score = sleep_score(
        stage_summary={"total_light_sleep_time_milli": HOUR, "total_rem_sleep_time_milli": None},
        sleep_needed={"baseline_milli": HOUR},
    )
    values = only(mapped(cycle(), sleeps=(sleep(score=score),))).values
    assert values["light_hours"] == 1.0
    assert not {"sleep_hours", "sleep_need_hours"} & values.keys()


def test_the_impossible_is_dropped_and_reported() -> None:
    score = {"strain": 22.0, "kilojoule": -1.0, "average_heart_rate": 60, "max_heart_rate": 400}
    said = mapped(cycle(score=score, step_count=2**62))
    assert only(said).values == {"average_heart_rate": 60, "workout_count": 0}
    assert {(problem.key, problem.field) for problem in said.problems} == {
        ("7", name) for name in ("strain", "energy_kj", "max_heart_rate", "step_count")
    }


def test_no_order_of_records_changes_anything() -> None:
    nights = [
        (cycle(id=number, start=later(24 * number), end=later(24 * number + 24)), number)
        for number in range(5)
    ]
    cycles = [raw for raw, _ in nights]
    sleeps = tuple(
        sleep(
            id=sleep_id(number),
            cycle_id=number,
            start=later(24 * number),
            end=later(24 * number + 8),
        )
        for _, number in nights
    )
    assert mapped(*cycles, sleeps=sleeps).days == mapped(*cycles[::-1], sleeps=sleeps[::-1]).days
    assert list(mapped(*cycles, sleeps=sleeps).days) == [WOKE + timedelta(n) for n in range(5)]


def test_hours_are_rounded_to_four_places() -> None:
    score = sleep_score(stage_summary={"total_awake_time_milli": 1_234_567})
    values = only(mapped(cycle(), sleeps=(sleep(score=score),))).values
    assert values["awake_hours"] == 0.3429


def test_every_name_is_one_a_day_can_hold() -> None:
    said = mapped(cycle(), sleeps=(sleep(), nap()), recoveries=(recovery(),))
    assert only(said).values.keys() <= METRICS.keys()


@pytest.mark.parametrize(("weight", "kept"), [(90.7, 90.7), (0.0, None), (1e6, None), (None, None)])
def test_a_weight_is_one_a_person_can_have(weight: float | None, kept: float | None) -> None:
    assert weight_kg(BodyMeasurement(weight_kilogram=weight)) == kept


def test_storing_a_record_asks_for_its_key_and_times() -> None:
    start, end = datetime(2026, 5, 13, 22, tzinfo=UTC), datetime(2026, 5, 14, 6, tzinfo=UTC)
    changed = datetime(2026, 5, 14, 6, 12, tzinfo=UTC)
    night, _ = describe(RecordKind.SLEEP, sleep(), fetched_on=TODAY)
    assert night == RecordFacts(sleep_id(1), start, end, changed)
    of_night, _ = describe(RecordKind.RECOVERY, recovery(), fetched_on=TODAY)
    assert of_night == RecordFacts(sleep_id(1), updated_at=changed)
    running, _ = describe(RecordKind.CYCLE, cycle(end=None, updated_at=None), fetched_on=TODAY)
    assert running == RecordFacts("7", start)
    ran, _ = describe(RecordKind.WORKOUT, workout(), fetched_on=TODAY)
    assert ran is not None
    assert ran.provider_id == sleep_id(3)


def test_a_body_is_known_by_the_date_it_was_asked_for() -> None:
    facts, problems = describe(RecordKind.BODY_MEASUREMENT, {}, fetched_on=TODAY)
    assert facts == RecordFacts("2026-05-20")
    assert problems == []


def test_a_record_without_a_key_cannot_be_stored() -> None:
    facts, problems = describe(RecordKind.RECOVERY, recovery(sleep_id=None), fetched_on=TODAY)
    assert facts is None
    assert [problem.field for problem in problems] == ["Recovery.sleep_id"]
