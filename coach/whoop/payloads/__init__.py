"""The shapes WHOOP sends, named as WHOOP names them: bytes to raw records, raw records to payloads.

The raw record is what we store; it is parsed when days are derived, so it may be read better later.
"""

from coach.whoop.payloads.page import RawPage, RawRecord, Unreadable, parse_page, parse_record
from coach.whoop.payloads.shapes import (
    BodyMeasurement,
    Cycle,
    CycleScore,
    RecordKind,
    Recovery,
    RecoveryScore,
    ScoreState,
    Sleep,
    SleepNeeded,
    SleepScore,
    StageSummary,
    UserProfile,
    Workout,
    WorkoutScore,
    ZoneDurations,
)
from coach.whoop.payloads.tolerant import Payload, Problem, parse_moment

__all__ = [
    "BodyMeasurement",
    "Cycle",
    "CycleScore",
    "Payload",
    "Problem",
    "RawPage",
    "RawRecord",
    "RecordKind",
    "Recovery",
    "RecoveryScore",
    "ScoreState",
    "Sleep",
    "SleepNeeded",
    "SleepScore",
    "StageSummary",
    "Unreadable",
    "UserProfile",
    "Workout",
    "WorkoutScore",
    "ZoneDurations",
    "parse_moment",
    "parse_page",
    "parse_record",
]
