"""The lives: the same for everybody who looks, true to what was measured on real members."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from coach.simulator.life import Chapter, life
from coach.simulator.members import Member, cast
from coach.simulator.records import ScoreState, Sleep, Workout
from tests.simulator.browser import (
    HEAVY_TRAINER,
    NAPPER,
    NEWCOMER,
    OLD_STRAP,
    PARENT,
    STRAP_OFF,
    SYDNEY,
    TRAVELLER,
)

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
CAST = {member.user_id: member for member in cast(seed=1, today=NOW.date())}
everybody = pytest.mark.parametrize("member", CAST.values(), ids=lambda member: member.name)


def nights(chapters: list[Chapter]) -> Iterator[Sleep]:
    return (chapter.main for chapter in chapters if chapter.main)


def test_the_same_seed_gives_the_same_lives_and_another_seed_others() -> None:
    again, other = (cast(seed=seed, today=NOW.date())[0] for seed in (1, 2))
    assert life(again, NOW) == life(CAST[HEAVY_TRAINER], NOW)
    assert life(other, NOW) != life(CAST[HEAVY_TRAINER], NOW)


@everybody
def test_a_day_that_is_over_never_changes(member: Member) -> None:
    then, now = life(member, NOW - timedelta(days=9)), life(member, NOW)
    over = [chapter for chapter in then if chapter.cycle.end]
    assert over == now[: len(over)]


def test_a_day_does_not_depend_on_when_the_simulator_was_first_started() -> None:
    member, later = CAST[TRAVELLER], NOW.date() + timedelta(days=3)
    other = next(each for each in cast(seed=1, today=later) if each.user_id == TRAVELLER)
    past_calibration = -300
    assert life(other, NOW)[past_calibration:] == life(member, NOW)[past_calibration:]


@everybody
def test_cycles_start_with_the_night_and_touch_each_other(member: Member) -> None:
    chapters = life(member, NOW)
    assert all(each.main.start == each.cycle.start for each in chapters if each.main)
    gaps = [a for a, b in pairwise(chapters) if a.cycle.end != b.cycle.start]
    assert bool(gaps) == (member.user_id == STRAP_OFF)
    assert all(a.cycle.end and a.cycle.end <= b.cycle.start for a, b in pairwise(chapters))


@everybody
def test_stages_add_up_to_the_time_in_bed(member: Member) -> None:
    for chapter in life(member, NOW):
        for sleep in chapter.sleeps:
            if sleep.score:
                stages = sleep.score.stage_summary
                parts = (
                    stages.asleep + stages.total_awake_time_milli + stages.total_no_data_time_milli
                )
                in_bed = (sleep.end - sleep.start) / timedelta(milliseconds=1)
                assert parts == stages.total_in_bed_time_milli == in_bed
                assert sleep.score.sleep_needed.need_from_recent_nap_milli <= 0


@everybody
def test_everything_lies_inside_its_cycle_and_nothing_overlaps(member: Member) -> None:
    for chapter in life(member, NOW):
        things: list[Sleep | Workout] = [*chapter.sleeps, *chapter.workouts]
        busy = sorted(things, key=lambda each: each.start)
        assert all(a.end <= b.start for a, b in pairwise(busy))
        assert all(chapter.cycle.start <= each.start for each in busy)
        assert all(each.end <= (chapter.cycle.end or NOW) for each in busy)


@everybody
def test_values_stay_within_what_was_measured(member: Member) -> None:
    for chapter in life(member, NOW):
        score = chapter.cycle.score
        assert score
        assert 0 <= score.strain <= 21
        assert 0 <= score.kilojoule <= 16_000
        for recovery in filter(None, (each.score for each in chapter.recoveries)):
            assert 1 <= recovery.recovery_score <= 98
            assert 6 <= recovery.hrv_rmssd_milli <= 314
            assert 29 <= recovery.resting_heart_rate <= 120


def test_nobody_sees_a_day_before_its_night_was_processed() -> None:
    member = CAST[HEAVY_TRAINER]
    latest = life(member, NOW)[-1]
    before = life(member, latest.cycle.created_at - timedelta(seconds=1))
    assert before[-1].cycle.end is None
    assert before[-1].cycle.id != latest.cycle.id
    # A little later there are both for some seconds, and then the old one ends hours ago.
    after = life(member, latest.cycle.created_at + timedelta(seconds=5))
    assert after[-2].cycle.end == after[-1].cycle.start == latest.cycle.start


def test_the_open_cycle_rises_through_the_day_and_ends_where_it_was_heading() -> None:
    member = CAST[HEAVY_TRAINER]
    day = life(member, NOW)[-2].cycle
    assert day.end
    moments = [day.created_at + timedelta(hours=hours) for hours in range(1, 15, 2)]
    seen = [life(member, moment)[-1].cycle for moment in moments]
    strains = [each.score.strain for each in seen if each.score]
    assert {each.id for each in seen} == {day.id}
    assert all(each.end is None and each.score_state is ScoreState.SCORED for each in seen)
    assert strains == sorted(strains)
    assert day.score
    assert strains[0] < strains[-1] <= day.score.strain


def test_a_sleep_is_pending_for_a_minute_and_a_half() -> None:
    member = CAST[HEAVY_TRAINER]
    night = life(member, NOW)[-1].main
    assert night
    fresh = life(member, night.created_at)[-1]
    assert [each.score_state for each in fresh.sleeps] == [ScoreState.PENDING_SCORE]
    assert [each.score for each in fresh.recoveries] == [None]
    assert life(member, night.created_at + timedelta(seconds=90))[-1].recoveries[0].score


def test_some_nights_are_first_told_too_short() -> None:
    member = CAST[HEAVY_TRAINER]
    final = next(each for each in nights(life(member, NOW)) if each.end > each.created_at)
    early = life(member, final.created_at + timedelta(minutes=2))[-1]
    assert early.main
    assert early.main.id == final.id
    assert early.main.end < final.end
    assert early.recoveries[0].updated_at < final.updated_at


def test_some_nights_are_missing_and_some_cannot_be_scored() -> None:
    chapters = [chapter for member in CAST.values() for chapter in life(member, NOW)]
    missing = [each for each in chapters if each.main is None]
    unscorable = [each for each in nights(chapters) if each.score_state is ScoreState.UNSCORABLE]
    assert 0.005 < len(missing) / len(chapters) < 0.03
    assert 0.001 < len(unscorable) / len(chapters) < 0.02
    assert all(each.recovery_of(each.main) is None for each in chapters if each.main in unscorable)


def test_the_newcomer_is_calibrating_and_has_five_days() -> None:
    chapters = life(CAST[NEWCOMER], NOW)
    assert len(chapters) in {5, 6}
    assert chapters[0].main is None
    scores = [each.score for chapter in chapters for each in chapter.recoveries]
    assert scores[0]
    assert scores[0].user_calibrating
    first = next(nights(chapters))
    assert first.score
    assert first.score.sleep_consistency_percentage is None


def test_the_old_strap_has_no_skin_sensors() -> None:
    scores = [r.score for chapter in life(CAST[OLD_STRAP], NOW) for r in chapter.recoveries]
    assert {(each.spo2_percentage, each.skin_temp_celsius) for each in scores if each} == {
        (None, None)
    }


def test_the_strap_in_the_drawer_leaves_days_without_cycles_also_just_now() -> None:
    chapters = life(CAST[STRAP_OFF], NOW)
    assert NOW - chapters[-1].cycle.start > timedelta(days=1)
    gaps = [b.cycle.start - a.cycle.end for a, b in pairwise(chapters) if a.cycle.end]
    assert sum(gap > timedelta(days=2) for gap in gaps) > 10


def test_the_parents_second_half_of_the_night_is_a_nap() -> None:
    pairs = [each.sleeps for each in life(CAST[PARENT], NOW) if len(each.sleeps) == 2]
    waking = sorted(second.start - first.end for first, second in pairs)
    assert len(pairs) > 100
    assert timedelta(minutes=50) < waking[len(waking) // 2] < timedelta(hours=2)


def test_offsets_follow_travel_and_the_clocks() -> None:
    offsets = {
        who: {each.cycle.timezone_offset for each in life(CAST[who], NOW)}
        for who in (TRAVELLER, SYDNEY, NAPPER)
    }
    assert offsets[SYDNEY] == {"+10:00", "+11:00"}
    assert offsets[NAPPER] == {"Z", "+01:00"}
    assert len(offsets[TRAVELLER]) > 3
