"""Raw records as WHOOP sends them: honest shapes with explicit nulls."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

Raw = dict[str, object]

FELL_ASLEEP = datetime(2026, 5, 13, 22, 0, tzinfo=UTC)
HOUR = 3_600_000


def sleep_id(number: int) -> str:
    return str(UUID(int=number))


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(hours: float) -> str:
    return iso(FELL_ASLEEP + timedelta(hours=hours))


def cycle(**changes: object) -> Raw:
    """From 22:00 UTC for 24 hours."""
    score = {
        "strain": 12.3456,
        "kilojoule": 9554.25,
        "average_heart_rate": 62,
        "max_heart_rate": 171,
    }
    return {
        "id": 7,
        "user_id": 10129,
        "created_at": later(8.2),
        "updated_at": later(24.1),
        "start": later(0),
        "end": later(24),
        "timezone_offset": "+02:00",
        "score_state": "SCORED",
        "score": score,
        "step_count": 8123,
    } | changes


def sleep(**changes: object) -> Raw:
    """A night of 8 hours in bed, 7 asleep."""
    return {
        "id": sleep_id(1),
        "cycle_id": 7,
        "v1_id": None,
        "user_id": 10129,
        "created_at": later(8.2),
        "updated_at": later(8.2),
        "start": later(0),
        "end": later(8),
        "timezone_offset": "+02:00",
        "nap": False,
        "score_state": "SCORED",
        "score": sleep_score(),
    } | changes


def sleep_score(**changes: object) -> Raw:
    stages = {
        "total_in_bed_time_milli": 8 * HOUR,
        "total_awake_time_milli": HOUR // 2,
        "total_no_data_time_milli": HOUR // 2,
        "total_light_sleep_time_milli": 4 * HOUR,
        "total_slow_wave_sleep_time_milli": 2 * HOUR,
        "total_rem_sleep_time_milli": HOUR,
        "sleep_cycle_count": 4,
        "disturbance_count": 9,
    }
    needed = {
        "baseline_milli": 8 * HOUR,
        "need_from_sleep_debt_milli": HOUR // 2,
        "need_from_recent_strain_milli": HOUR // 4,
        "need_from_recent_nap_milli": -HOUR // 4,
    }
    return {
        "stage_summary": stages,
        "sleep_needed": needed,
        "respiratory_rate": 14.5,
        "sleep_performance_percentage": 82.0,
        "sleep_consistency_percentage": None,
        "sleep_efficiency_percentage": 91.5,
    } | changes


def nap(**changes: object) -> Raw:
    """An afternoon's hour and a half, all asleep."""
    stages = {
        "total_in_bed_time_milli": 3 * HOUR // 2,
        "total_light_sleep_time_milli": HOUR,
        "total_slow_wave_sleep_time_milli": HOUR // 2,
        "total_rem_sleep_time_milli": 0,
    }
    its_own: Raw = {
        "id": sleep_id(2),
        "nap": True,
        "start": later(15),
        "end": later(16.5),
        "score": sleep_score(stage_summary=stages, sleep_performance_percentage=17.0),
    }
    return sleep() | its_own | changes


def recovery(**changes: object) -> Raw:
    return {
        "cycle_id": 7,
        "sleep_id": sleep_id(1),
        "user_id": 10129,
        "created_at": later(8.2),
        "updated_at": later(8.2),
        "score_state": "SCORED",
        "score": recovery_score(),
    } | changes


def recovery_score(**changes: object) -> Raw:
    return {
        "user_calibrating": False,
        "recovery_score": 66.0,
        "resting_heart_rate": 52.0,
        "hrv_rmssd_milli": 71.25,
        "spo2_percentage": 96.5,
        "skin_temp_celsius": 33.75,
    } | changes


def workout(**changes: object) -> Raw:
    zones = dict.fromkeys(("zone_zero_milli", "zone_one_milli", "zone_two_milli"), 600_000)
    score = {
        "strain": 8.2,
        "average_heart_rate": 123,
        "max_heart_rate": 146,
        "kilojoule": 1569.3,
        "percent_recorded": 1.0,
        "distance_meter": None,
        "altitude_gain_meter": None,
        "altitude_change_meter": None,
        "zone_durations": zones,
    }
    return {
        "id": sleep_id(3),
        "v1_id": None,
        "user_id": 10129,
        "created_at": later(18),
        "updated_at": later(18),
        "start": later(17),
        "end": later(18),
        "timezone_offset": "+02:00",
        "sport_name": "hiking-rucking",
        "sport_id": 1,
        "score_state": "SCORED",
        "score": score,
    } | changes
