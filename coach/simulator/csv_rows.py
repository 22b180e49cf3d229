"""Records as rows of the export: local times, whole minutes, rounded numbers, empty for absent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import floor

from coach.simulator import columns
from coach.simulator.offsets import parsed
from coach.simulator.records import (
    Cycle,
    CycleScore,
    Recovery,
    Sleep,
    SleepScore,
    Workout,
    WorkoutScore,
)
from coach.simulator.sports import NAMES

KILOJOULES_PER_KILOCALORIE = 4.184
MINUTE = 60_000
Row = Mapping[str, str]


def cycle_row(cycle: Cycle, sleep: Sleep | None, recovery: Recovery | None) -> Row:
    """Return the cycle with the sleep and recovery shown in it; an unscored sleep is not shown."""
    row = cycle_key(cycle)
    if cycle.end and cycle.score:  # the open cycle shows none of its exertion
        row |= _exertion(cycle.score)
    if recovery and recovery.score:
        row |= _recovery(recovery)
    if sleep and sleep.score:
        row |= _times(sleep) | _sleep_score(sleep.score)
    return row


def sleep_row(cycle: Cycle, sleep: Sleep) -> Row:
    row = cycle_key(cycle) | _times(sleep) | {columns.NAP: _boolean(said=sleep.nap)}
    return row | _sleep_score(sleep.score) if sleep.score else row


def workout_row(cycle: Cycle, workout: Workout) -> Row:
    offset, length = workout.timezone_offset, workout.end - workout.start
    row = cycle_key(cycle) | {
        "Workout start time": local(workout.start, offset),
        "Workout end time": local(workout.end, offset),
        "Duration (min)": str(int(length.total_seconds() // 60)),
        "Activity name": NAMES[workout.sport_name],
        columns.GPS: "false",
    }
    if workout.score is None:
        return row
    return row | _workout_score(workout.score) | _zones(workout.score) | _ground(workout.score)


def cycle_key(cycle: Cycle) -> dict[str, str]:
    return {
        "Cycle start time": local(cycle.start, cycle.timezone_offset),
        "Cycle end time": local(cycle.end, cycle.timezone_offset) if cycle.end else "",
        "Cycle timezone": f"UTC{cycle.timezone_offset}",
    }


def local(moment: datetime, offset: str) -> str:
    """Return the wall clock of that offset; milliseconds are cut, never rounded."""
    return f"{moment.astimezone(UTC) + parsed(offset):%Y-%m-%d %H:%M:%S}"


def _exertion(score: CycleScore) -> dict[str, str]:
    return {
        "Day Strain": f"{score.strain:.1f}",
        "Energy burned (cal)": _whole(score.kilojoule / KILOJOULES_PER_KILOCALORIE),
        "Max HR (bpm)": str(score.max_heart_rate),
        "Average HR (bpm)": str(score.average_heart_rate),
    }


def _recovery(recovery: Recovery) -> dict[str, str]:
    score = recovery.score
    if score is None:
        return {}
    return {
        "Recovery score %": _whole(score.recovery_score),
        "Resting heart rate (bpm)": _whole(score.resting_heart_rate),
        "Heart rate variability (ms)": _whole(score.hrv_rmssd_milli),
        "Skin temp (celsius)": _decimals(score.skin_temp_celsius, 2),
        "Blood oxygen %": _decimals(score.spo2_percentage, 2),
    }


def _times(sleep: Sleep) -> dict[str, str]:
    return {
        "Sleep onset": local(sleep.start, sleep.timezone_offset),
        "Wake onset": local(sleep.end, sleep.timezone_offset),
    }


def _sleep_score(score: SleepScore) -> dict[str, str]:
    """Return the sleep's numbers. Minutes are cut stage by stage, and only then added."""
    stages, needed = score.stage_summary, score.sleep_needed
    light = stages.total_light_sleep_time_milli // MINUTE
    deep = stages.total_slow_wave_sleep_time_milli // MINUTE
    rem = stages.total_rem_sleep_time_milli // MINUTE
    return {
        "Sleep performance %": _decimals(score.sleep_performance_percentage, 0),
        "Respiratory rate (rpm)": _decimals(score.respiratory_rate, 1),
        "Asleep duration (min)": str(light + deep + rem),
        "In bed duration (min)": str(stages.total_in_bed_time_milli // MINUTE),
        "Light sleep duration (min)": str(light),
        "Deep (SWS) duration (min)": str(deep),
        "REM duration (min)": str(rem),
        "Awake duration (min)": str(stages.total_awake_time_milli // MINUTE),
        "Sleep need (min)": str(needed.total // MINUTE),
        "Sleep debt (min)": str(needed.need_from_sleep_debt_milli // MINUTE),
        "Sleep efficiency %": _decimals(score.sleep_efficiency_percentage, 0),
        columns.CONSISTENCY: _decimals(score.sleep_consistency_percentage, 0),
    }


def _workout_score(score: WorkoutScore) -> dict[str, str]:
    kilocalories = _whole(score.kilojoule / KILOJOULES_PER_KILOCALORIE)
    return {
        "Activity Strain": f"{score.strain:.1f}",
        "Energy burned (cal)": f"{kilocalories}.0",  # another form than in cycles, as in real ones
        "Max HR (bpm)": str(score.max_heart_rate),
        "Average HR (bpm)": str(score.average_heart_rate),
    }


def _zones(score: WorkoutScore) -> dict[str, str]:
    zones = score.zone_durations
    above = (
        zones.zone_one_milli,
        zones.zone_two_milli,
        zones.zone_three_milli,
        zones.zone_four_milli,
        zones.zone_five_milli,
    )
    total = zones.zone_zero_milli + sum(above)
    return {f"HR Zone {n} %": str(100 * each // total) for n, each in enumerate(above, 1)}


def _ground(score: WorkoutScore) -> dict[str, str]:
    return {
        "Distance (meters)": _decimals(score.distance_meter, 2),
        "Altitude gain (meters)": _decimals(score.altitude_gain_meter, 2),
        "Altitude change (meters)": _decimals(score.altitude_change_meter, 2),
    }


def _decimals(value: float | None, places: int) -> str:
    if value is None:
        return ""
    return f"{value:.{places}f}" if places else _whole(value)


def _whole(value: float) -> str:
    return str(floor(value + 0.5))


def _boolean(*, said: bool) -> str:
    return "true" if said else "false"
