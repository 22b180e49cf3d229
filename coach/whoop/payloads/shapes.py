"""What WHOOP's API v2 calls things; a record is refused only without its id or start."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator

from coach.whoop.payloads.tolerant import Moment, Number, Payload, Text, Whole


class RecordKind(StrEnum):
    """What WHOOP tells us about a person."""

    CYCLE = "cycle"
    RECOVERY = "recovery"
    SLEEP = "sleep"
    WORKOUT = "workout"
    BODY_MEASUREMENT = "body_measurement"


class ScoreState(StrEnum):
    """Whether WHOOP has scored a record; UNKNOWN stands for anything it may say one day."""

    SCORED = "SCORED"
    PENDING_SCORE = "PENDING_SCORE"
    UNSCORABLE = "UNSCORABLE"
    UNKNOWN = "UNKNOWN"


def _known_state(value: object) -> object:
    return value if value in tuple(ScoreState) else ScoreState.UNKNOWN


State = Annotated[ScoreState, BeforeValidator(_known_state)]


class CycleScore(Payload):
    strain: Number | None = None
    kilojoule: Number | None = None
    average_heart_rate: Whole | None = None
    max_heart_rate: Whole | None = None


class Cycle(Payload):
    """From falling asleep to falling asleep; `end` is None while it runs."""

    indispensable = frozenset({"id", "start"})

    id: Whole
    start: Moment
    end: Moment | None = None
    updated_at: Moment | None = None
    timezone_offset: Text | None = None
    score_state: State = ScoreState.UNKNOWN
    score: CycleScore | None = None
    step_count: Whole | None = None


class RecoveryScore(Payload):
    user_calibrating: bool | None = None
    recovery_score: Number | None = None
    resting_heart_rate: Number | None = None
    hrv_rmssd_milli: Number | None = None
    spo2_percentage: Number | None = None
    skin_temp_celsius: Number | None = None


class Recovery(Payload):
    """Has no id of its own: the sleep is its key; several may share a cycle."""

    indispensable = frozenset({"sleep_id"})
    key = "sleep_id"

    sleep_id: UUID
    cycle_id: Whole | None = None
    updated_at: Moment | None = None
    score_state: State = ScoreState.UNKNOWN
    score: RecoveryScore | None = None


class StageSummary(Payload):
    total_in_bed_time_milli: Whole | None = None
    total_awake_time_milli: Whole | None = None
    total_no_data_time_milli: Whole | None = None
    total_light_sleep_time_milli: Whole | None = None
    total_slow_wave_sleep_time_milli: Whole | None = None
    total_rem_sleep_time_milli: Whole | None = None
    sleep_cycle_count: Whole | None = None
    disturbance_count: Whole | None = None


class SleepNeeded(Payload):
    baseline_milli: Whole | None = None
    need_from_sleep_debt_milli: Whole | None = None
    need_from_recent_strain_milli: Whole | None = None
    need_from_recent_nap_milli: Whole | None = None


class SleepScore(Payload):
    stage_summary: StageSummary | None = None
    sleep_needed: SleepNeeded | None = None
    respiratory_rate: Number | None = None
    sleep_performance_percentage: Number | None = None
    sleep_consistency_percentage: Number | None = None
    sleep_efficiency_percentage: Number | None = None


class Sleep(Payload):
    """A night or a nap."""

    indispensable = frozenset({"id", "start"})

    id: UUID
    start: Moment
    end: Moment | None = None
    cycle_id: Whole | None = None
    updated_at: Moment | None = None
    timezone_offset: Text | None = None
    nap: bool | None = None
    score_state: State = ScoreState.UNKNOWN
    score: SleepScore | None = None


class ZoneDurations(Payload):
    zone_zero_milli: Whole | None = None
    zone_one_milli: Whole | None = None
    zone_two_milli: Whole | None = None
    zone_three_milli: Whole | None = None
    zone_four_milli: Whole | None = None
    zone_five_milli: Whole | None = None


class WorkoutScore(Payload):
    strain: Number | None = None
    average_heart_rate: Whole | None = None
    max_heart_rate: Whole | None = None
    kilojoule: Number | None = None
    percent_recorded: Number | None = None
    distance_meter: Number | None = None
    altitude_gain_meter: Number | None = None
    altitude_change_meter: Number | None = None
    zone_durations: ZoneDurations | None = None


class Workout(Payload):
    """Belongs to a cycle by time only."""

    indispensable = frozenset({"id", "start"})

    id: UUID
    start: Moment
    end: Moment | None = None
    updated_at: Moment | None = None
    timezone_offset: Text | None = None
    sport_name: Text | None = None
    score_state: State = ScoreState.UNKNOWN
    score: WorkoutScore | None = None


class UserProfile(Payload):
    indispensable = frozenset({"user_id"})
    key = "user_id"

    user_id: Whole
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None


class BodyMeasurement(Payload):
    height_meter: Number | None = None
    weight_kilogram: Number | None = None
    max_heart_rate: Whole | None = None
