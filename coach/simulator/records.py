"""The records of API v2, with the names WHOOP gives their fields."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ScoreState(StrEnum):
    SCORED = "SCORED"
    PENDING_SCORE = "PENDING_SCORE"
    UNSCORABLE = "UNSCORABLE"


@dataclass(frozen=True, slots=True)
class CycleScore:
    strain: float
    kilojoule: float
    average_heart_rate: int
    max_heart_rate: int


@dataclass(frozen=True, slots=True)
class Cycle:
    id: int
    user_id: int
    created_at: datetime
    updated_at: datetime
    start: datetime
    end: datetime | None
    timezone_offset: str
    score_state: ScoreState
    score: CycleScore | None
    step_count: int | None


@dataclass(frozen=True, slots=True)
class StageSummary:
    total_in_bed_time_milli: int
    total_awake_time_milli: int
    total_no_data_time_milli: int
    total_light_sleep_time_milli: int
    total_slow_wave_sleep_time_milli: int
    total_rem_sleep_time_milli: int
    sleep_cycle_count: int
    disturbance_count: int

    @property
    def asleep(self) -> int:
        return (
            self.total_light_sleep_time_milli
            + self.total_slow_wave_sleep_time_milli
            + self.total_rem_sleep_time_milli
        )


@dataclass(frozen=True, slots=True)
class SleepNeeded:
    baseline_milli: int
    need_from_sleep_debt_milli: int
    need_from_recent_strain_milli: int
    need_from_recent_nap_milli: int

    @property
    def total(self) -> int:
        return (
            self.baseline_milli
            + self.need_from_sleep_debt_milli
            + self.need_from_recent_strain_milli
            + self.need_from_recent_nap_milli
        )


@dataclass(frozen=True, slots=True)
class SleepScore:
    stage_summary: StageSummary
    sleep_needed: SleepNeeded
    respiratory_rate: float | None
    sleep_performance_percentage: float | None
    sleep_consistency_percentage: float | None
    sleep_efficiency_percentage: float | None


@dataclass(frozen=True, slots=True)
class Sleep:
    id: UUID
    cycle_id: int
    v1_id: int | None
    user_id: int
    created_at: datetime
    updated_at: datetime
    start: datetime
    end: datetime
    timezone_offset: str
    nap: bool
    score_state: ScoreState
    score: SleepScore | None


@dataclass(frozen=True, slots=True)
class RecoveryScore:
    user_calibrating: bool
    recovery_score: float
    resting_heart_rate: float
    hrv_rmssd_milli: float
    spo2_percentage: float | None
    skin_temp_celsius: float | None


@dataclass(frozen=True, slots=True)
class Recovery:
    cycle_id: int
    sleep_id: UUID
    user_id: int
    created_at: datetime
    updated_at: datetime
    score_state: ScoreState
    score: RecoveryScore | None


@dataclass(frozen=True, slots=True)
class ZoneDurations:
    zone_zero_milli: int
    zone_one_milli: int
    zone_two_milli: int
    zone_three_milli: int
    zone_four_milli: int
    zone_five_milli: int


@dataclass(frozen=True, slots=True)
class WorkoutScore:
    strain: float
    average_heart_rate: int
    max_heart_rate: int
    kilojoule: float
    percent_recorded: float
    zone_durations: ZoneDurations
    distance_meter: float | None
    altitude_gain_meter: float | None
    altitude_change_meter: float | None


@dataclass(frozen=True, slots=True)
class Workout:
    id: UUID
    v1_id: int | None
    user_id: int
    created_at: datetime
    updated_at: datetime
    start: datetime
    end: datetime
    timezone_offset: str
    sport_name: str
    sport_id: int | None
    score_state: ScoreState
    score: WorkoutScore | None


@dataclass(frozen=True, slots=True)
class Profile:
    user_id: int
    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class BodyMeasurement:
    height_meter: float
    weight_kilogram: float
    max_heart_rate: int
