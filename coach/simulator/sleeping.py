"""What the nights and naps are worth: stages, need, performance."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from coach.simulator.dice import clamp
from coach.simulator.members import Member
from coach.simulator.nights import Night, cycle_end, night
from coach.simulator.records import SleepNeeded, SleepScore, StageSummary
from coach.simulator.training import has_split, usual_strain

HOUR = 3_600_000
MOST_DEBT = 127 * 60_000
LEARNING = timedelta(days=4)


def night_score(member: Member, outline: Night, end: datetime) -> SleepScore:
    """Score the night as if it had ended at `end`."""
    chance = member.dice(outline.day, "stages")
    stages = _stages(member, _milliseconds(end - outline.start), chance)
    needed = _needed(member, outline.day)
    fresh = outline.day - member.joined <= LEARNING
    first = outline.day - member.joined <= timedelta(days=1)
    consistency = clamp(chance.gauss(88 - member.habits.wobble / 2, 7), 20, 98)
    return SleepScore(
        stage_summary=stages,
        sleep_needed=needed,
        respiratory_rate=chance.gauss(member.habits.breaths, 0.35),
        sleep_performance_percentage=None if first else _performance(stages, needed),
        sleep_consistency_percentage=None if fresh else float(round(consistency)),
        sleep_efficiency_percentage=_efficiency(stages, chance),
    )


def nap_score(member: Member, day: date, length: timedelta) -> SleepScore:
    """Score a nap: measured against the whole need, and without a consistency."""
    chance = member.dice(day, "nap stages")
    stages, needed = _stages(member, _milliseconds(length), chance), _needed(member, day)
    return SleepScore(
        stage_summary=stages,
        sleep_needed=needed,
        respiratory_rate=chance.gauss(member.habits.breaths + 0.4, 0.6),
        sleep_performance_percentage=_performance(stages, needed),
        sleep_consistency_percentage=None,
        sleep_efficiency_percentage=_efficiency(stages, chance),
    )


@lru_cache(maxsize=20_000)
def nap_times(member: Member, outline: Night) -> tuple[datetime, datetime] | None:
    """Return when the member naps in the cycle that this night began, if at all."""
    if outline.end is None:
        return None
    chance = member.dice(outline.day, "nap")
    if has_split(member, outline.day):
        start, length = chance.uniform(0.95, 1.5), chance.uniform(1.8, 3.2)
    elif chance.random() < member.habits.nap:
        start, length = chance.uniform(6.9, 8.2), chance.uniform(0.35, 1.2)
    else:
        return None
    begins = outline.end + timedelta(milliseconds=round(start * HOUR))
    ends = begins + timedelta(milliseconds=round(length * HOUR))
    return (begins, ends) if ends + timedelta(hours=1) < cycle_end(member, outline) else None


def performance(score: SleepScore) -> float:
    """Return the share of the need that was slept, also when WHOOP does not report it."""
    return _performance(score.stage_summary, score.sleep_needed)


def _stages(member: Member, length: int, chance: Random) -> StageSummary:
    """Share the time in bed among the stages, so that they add up to it exactly."""
    awake = round(length * clamp(chance.gauss(member.habits.awake, 0.025), 0.01, 0.4))
    lost = round(length * chance.uniform(0.01, 0.06)) if chance.random() < 0.03 else 0
    asleep = length - awake - lost
    deep = round(asleep * clamp(chance.gauss(0.19, 0.035), 0.05, 0.35))
    rem = round(asleep * clamp(chance.gauss(0.24, 0.04), 0.04, 0.4))
    return StageSummary(
        total_in_bed_time_milli=length,
        total_awake_time_milli=awake,
        total_no_data_time_milli=lost,
        total_light_sleep_time_milli=asleep - deep - rem,
        total_slow_wave_sleep_time_milli=deep,
        total_rem_sleep_time_milli=rem,
        sleep_cycle_count=round(length / (1.6 * HOUR)),
        disturbance_count=round(awake / length * 100 + chance.uniform(0, 4)),
    )


def _needed(member: Member, day: date) -> SleepNeeded:
    yesterday = day - timedelta(days=1)
    before = night(member, yesterday)
    return SleepNeeded(
        baseline_milli=_baseline(member),
        need_from_sleep_debt_milli=_debt(member, before),
        need_from_recent_strain_milli=round(usual_strain(member, yesterday) / 21 * 0.7 * HOUR),
        need_from_recent_nap_milli=-_napped(member, before),
    )


def _baseline(member: Member) -> int:
    return round(7.55 * HOUR + member.user_id % 10 * 120_000)


def _debt(member: Member, before: Night | None) -> int:
    """Return what is still owed for the night before, at most the cap WHOOP has had since 2023."""
    if before is None or before.end is None:
        return 0
    slept = _milliseconds(before.end - before.start) * (1 - member.habits.awake)
    return round(clamp(0.6 * (_baseline(member) - slept), 0, MOST_DEBT))


def _napped(member: Member, before: Night | None) -> int:
    times = nap_times(member, before) if before else None
    return round(0.8 * _milliseconds(times[1] - times[0])) if times else 0


def _performance(stages: StageSummary, needed: SleepNeeded) -> float:
    return float(round(clamp(100 * stages.asleep / needed.total, 1, 100)))


def _efficiency(stages: StageSummary, chance: Random) -> float:
    """Return asleep over in bed, in every third sleep a little off, as measured."""
    exact = 100 * stages.asleep / stages.total_in_bed_time_milli
    return clamp(exact + (chance.uniform(-2, 2) if chance.random() < 0.35 else 0), 5, 100)


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
