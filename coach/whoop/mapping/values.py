"""What a cycle, a night and a recovery say of a day, in the words of days."""

from typing import Protocol, TypeVar

from coach.days import calendar
from coach.days.metrics import Value
from coach.whoop.payloads import (
    Cycle,
    Recovery,
    ScoreState,
    Sleep,
    SleepNeeded,
    StageSummary,
    Workout,
    ZoneDurations,
)

MILLIS_PER_HOUR = 3_600_000
MILLIS_PER_MINUTE = 60_000
DECIMALS = 4

Values = dict[str, Value]
_Score_co = TypeVar("_Score_co", covariant=True)


def of_cycle(cycle: Cycle) -> Values:
    score = scored(cycle)
    said: Values = {"step_count": cycle.step_count}
    if score:
        said |= {
            "strain": score.strain,
            "energy_kj": score.kilojoule,
            "average_heart_rate": score.average_heart_rate,
            "max_heart_rate": score.max_heart_rate,
        }
    return said


def of_night(sleep: Sleep | None) -> Values:
    if sleep is None:
        return {}
    said: Values = {
        "sleep_started_at": sleep.start,
        "sleep_ended_at": sleep.end,
        "sleep_offset_minutes": offset_of(sleep.timezone_offset),
    }
    score = scored(sleep)
    if score:
        said |= {
            "sleep_hours": asleep_hours(sleep),
            "sleep_quality": score.sleep_performance_percentage,
            "sleep_efficiency": score.sleep_efficiency_percentage,
            "sleep_consistency": score.sleep_consistency_percentage,
            "respiratory_rate": score.respiratory_rate,
        }
        said |= _of_stages(score.stage_summary) | _of_need(score.sleep_needed)
    return said


def of_recovery(recovery: Recovery | None) -> Values:
    score = scored(recovery)
    if score is None:
        return {}
    return {
        "recovery_score": score.recovery_score,
        "hrv": score.hrv_rmssd_milli,
        "resting_heart_rate": score.resting_heart_rate,
        "spo2": score.spo2_percentage,
        "skin_temp_celsius": score.skin_temp_celsius,
    }


def of_workout(workout: Workout) -> Values:
    score = scored(workout)
    said: Values = {"activity": workout.sport_name}
    if score:
        said |= {
            "strain": score.strain,
            "energy_kj": score.kilojoule,
            "average_heart_rate": score.average_heart_rate,
            "max_heart_rate": score.max_heart_rate,
            "distance_m": score.distance_meter,
            "altitude_gain_m": score.altitude_gain_meter,
            "altitude_change_m": score.altitude_change_meter,
        }
        said |= _of_zones(score.zone_durations)
    return said


def asleep_hours(sleep: Sleep) -> float | None:
    """Add up the stages; time in bed less time awake would count what the strap did not see."""
    score = scored(sleep)
    stages = score.stage_summary if score else None
    if stages is None:
        return None
    return _hours(
        stages.total_light_sleep_time_milli,
        stages.total_slow_wave_sleep_time_milli,
        stages.total_rem_sleep_time_milli,
    )


def offset_of(text: str | None) -> int | None:
    try:
        return None if text is None else calendar.parse_offset(text)
    except ValueError:
        return None


class HasScore(Protocol[_Score_co]):
    @property
    def score_state(self) -> ScoreState: ...

    @property
    def score(self) -> _Score_co | None: ...


def scored(record: HasScore[_Score_co] | None) -> _Score_co | None:
    if record is None or record.score_state is not ScoreState.SCORED:
        return None
    return record.score


def _of_stages(stages: StageSummary | None) -> Values:
    if stages is None:
        return {}
    return {
        "in_bed_hours": _hours(stages.total_in_bed_time_milli),
        "light_hours": _hours(stages.total_light_sleep_time_milli),
        "deep_hours": _hours(stages.total_slow_wave_sleep_time_milli),
        "rem_hours": _hours(stages.total_rem_sleep_time_milli),
        "awake_hours": _hours(stages.total_awake_time_milli),
    }


def _of_need(need: SleepNeeded | None) -> Values:
    if need is None:
        return {}
    return {
        "sleep_need_hours": _hours(
            need.baseline_milli,
            need.need_from_sleep_debt_milli,
            need.need_from_recent_strain_milli,
            need.need_from_recent_nap_milli,
        ),
        "sleep_debt_hours": _hours(need.need_from_sleep_debt_milli),
    }


def _of_zones(zones: ZoneDurations | None) -> Values:
    if zones is None:
        return {}
    millis = (
        zones.zone_zero_milli,
        zones.zone_one_milli,
        zones.zone_two_milli,
        zones.zone_three_milli,
        zones.zone_four_milli,
        zones.zone_five_milli,
    )
    return {
        f"zone_{zone}_minutes": None
        if milli is None
        else round(milli / MILLIS_PER_MINUTE, DECIMALS)
        for zone, milli in enumerate(millis)
    }


def _hours(*millis: int | None) -> float | None:
    known = [part for part in millis if part is not None]
    return round(sum(known) / MILLIS_PER_HOUR, DECIMALS) if len(known) == len(millis) else None
