"""One day of one member, as the API sends it and as the export holds it, made up by hand."""

from tests.verification.oracle import ApiLife, ExportFiles

MINUTE = 60_000

CYCLE = {
    "id": 1,
    "start": "2026-05-13T21:10:30.851Z",
    "end": "2026-05-14T21:05:00.120Z",
    "timezone_offset": "+02:00",
    "score_state": "SCORED",
    "score": {
        "strain": 11.24,
        "kilojoule": 9554.0,
        "average_heart_rate": 62,
        "max_heart_rate": 151,
    },
    "step_count": 9120,
}
NIGHT = {
    "id": "night",
    "cycle_id": 1,
    "start": "2026-05-13T21:10:30.851Z",
    "end": "2026-05-14T05:10:30.851Z",
    "timezone_offset": "+02:00",
    "nap": False,
    "score_state": "SCORED",
    "score": {
        "stage_summary": {
            "total_in_bed_time_milli": 480 * MINUTE,
            "total_awake_time_milli": 30 * MINUTE,
            "total_no_data_time_milli": 0,
            "total_light_sleep_time_milli": 240 * MINUTE + 50_000,
            "total_slow_wave_sleep_time_milli": 90 * MINUTE + 50_000,
            "total_rem_sleep_time_milli": 118 * MINUTE + 20_000,
        },
        "sleep_needed": {
            "baseline_milli": 450 * MINUTE,
            "need_from_sleep_debt_milli": 30 * MINUTE,
            "need_from_recent_strain_milli": 20 * MINUTE,
            "need_from_recent_nap_milli": -10 * MINUTE,
        },
        "respiratory_rate": 14.32,
        "sleep_performance_percentage": 86.0,
        "sleep_consistency_percentage": None,
        "sleep_efficiency_percentage": 93.7,
    },
}
NAP = {
    **NIGHT,
    "id": "nap",
    "nap": True,
    "start": "2026-05-14T12:00:00.000Z",
    "end": "2026-05-14T12:30:00.000Z",
}
RECOVERY = {
    "cycle_id": 1,
    "sleep_id": "night",
    "score_state": "SCORED",
    "score": {
        "user_calibrating": False,
        "recovery_score": 66.0,
        "resting_heart_rate": 52.0,
        "hrv_rmssd_milli": 61.84,
        "spo2_percentage": None,
        "skin_temp_celsius": 33.57,
    },
}
NAP_RECOVERY = {
    **RECOVERY,
    "sleep_id": "nap",
    "score": {**RECOVERY["score"], "recovery_score": 6.0},  # type: ignore[dict-item]  # a mapping
}
WORKOUT = {"start": "2026-05-14T16:00:00.000Z", "score_state": "UNSCORABLE", "score": None}

SLEEP_HEAD = (
    "Sleep onset,Wake onset,Sleep performance %,Respiratory rate (rpm),Asleep duration (min),"
    "In bed duration (min),Light sleep duration (min),Deep (SWS) duration (min),"
    "REM duration (min),Awake duration (min),Sleep need (min),Sleep debt (min),"
    "Sleep efficiency %,Sleep consistency %"
)
C26 = (
    "Cycle start time,Cycle end time,Cycle timezone,Recovery score %,Resting heart rate (bpm),"
    "Heart rate variability (ms),Skin temp (celsius),Blood oxygen %,Day Strain,"
    f"Energy burned (cal),Max HR (bpm),Average HR (bpm),{SLEEP_HEAD}"
)
S18 = f"Cycle start time,Cycle end time,Cycle timezone,{SLEEP_HEAD},Nap"
W17 = "Cycle start time,Cycle end time,Cycle timezone,Workout start time"
KEY = "2026-05-13 23:10:30,2026-05-14 23:05:00,UTC+02:00"
CSV_NIGHT = "2026-05-13 23:10:30,2026-05-14 07:10:30,86,14.3,448,480,240,90,118,30,490,30,94,"
CSV_NAP = "2026-05-14 14:00:00,2026-05-14 14:30:00,9,15.1,25,30,25,0,0,5,500,30,83,"
CSV_DAY = "66,52,62,33.57,,11.2,2283,151,62"


def table(head: str, *rows: str) -> str:
    return "\n".join([head, *rows, ""])


WHOLE_EXPORT = ExportFiles(
    physiological_cycles=table(C26, f"{KEY},{CSV_DAY},{CSV_NIGHT}"),
    sleeps=table(S18, f"{KEY},{CSV_NAP},true", f"{KEY},{CSV_NIGHT},false"),
    workouts=table(W17, f"{KEY},2026-05-14 18:00:00"),
)
NAP_ROW = table(C26, f"{KEY},6,60,31,33.57,,11.2,2283,151,62,{CSV_NAP}")
WHOLE_API = ApiLife([CYCLE], [NAP, NIGHT], [NAP_RECOVERY, RECOVERY], [WORKOUT])
# What the oracle must make of it, but for the two times.
WHOLE_DAY = {
    "recovery_score": 66,
    "resting_heart_rate": 52,
    "hrv": 61.84,
    "skin_temp_celsius": 33.57,
    "strain": 11.24,
    "energy_kj": 9554,
    "average_heart_rate": 62,
    "max_heart_rate": 151,
    "step_count": 9120,
    "sleep_quality": 86,
    "sleep_efficiency": 93.7,
    "respiratory_rate": 14.32,
    "sleep_hours": 7.5,
    "in_bed_hours": 8,
    "light_hours": 4 + 50 / 3600,
    "deep_hours": 1.5 + 50 / 3600,
    "rem_hours": 118 / 60 + 20 / 3600,
    "awake_hours": 0.5,
    "sleep_need_hours": 490 / 60,
    "sleep_debt_hours": 0.5,
    "nap_hours": 7.5,
    "sleep_offset_minutes": 120,
    "workout_count": 1,
}
