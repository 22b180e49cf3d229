"""Where each field stands in the API and in the export, its unit and what is possible: the oracle's facts."""

HOUR = 3_600_000
KILOJOULE = 4.184  # per kilocalorie, which the export calls "cal"
RECOVERY = ("recovery_score", "hrv", "resting_heart_rate", "spo2", "skin_temp_celsius")

# Where each field stands in what the API sends, and what one day's unit is there.
API_CYCLE = {
    "strain": ("score.strain", 1),
    "energy_kj": ("score.kilojoule", 1),
    "average_heart_rate": ("score.average_heart_rate", 1),
    "max_heart_rate": ("score.max_heart_rate", 1),
}
API_RECOVERY = {
    "recovery_score": ("score.recovery_score", 1),
    "hrv": ("score.hrv_rmssd_milli", 1),
    "resting_heart_rate": ("score.resting_heart_rate", 1),
    "spo2": ("score.spo2_percentage", 1),
    "skin_temp_celsius": ("score.skin_temp_celsius", 1),
}
API_SLEEP = {
    "sleep_quality": ("score.sleep_performance_percentage", 1),
    "sleep_efficiency": ("score.sleep_efficiency_percentage", 1),
    "sleep_consistency": ("score.sleep_consistency_percentage", 1),
    "respiratory_rate": ("score.respiratory_rate", 1),
    "in_bed_hours": ("score.stage_summary.total_in_bed_time_milli", HOUR),
    "light_hours": ("score.stage_summary.total_light_sleep_time_milli", HOUR),
    "deep_hours": ("score.stage_summary.total_slow_wave_sleep_time_milli", HOUR),
    "rem_hours": ("score.stage_summary.total_rem_sleep_time_milli", HOUR),
    "awake_hours": ("score.stage_summary.total_awake_time_milli", HOUR),
    "sleep_debt_hours": ("score.sleep_needed.need_from_sleep_debt_milli", HOUR),
}
STAGES = ("light_sleep", "slow_wave_sleep", "rem_sleep")
ASLEEP = tuple(f"score.stage_summary.total_{stage}_time_milli" for stage in STAGES)
NEEDS = ("baseline", "need_from_sleep_debt", "need_from_recent_strain", "need_from_recent_nap")
NEED = tuple(f"score.sleep_needed.{need}_milli" for need in NEEDS)

# The same for the columns of the export.
CSV_CYCLE = {
    "recovery_score": ("Recovery score %", 1),
    "hrv": ("Heart rate variability (ms)", 1),
    "resting_heart_rate": ("Resting heart rate (bpm)", 1),
    "spo2": ("Blood oxygen %", 1),
    "skin_temp_celsius": ("Skin temp (celsius)", 1),
    "strain": ("Day Strain", 1),
    "energy_kj": ("Energy burned (cal)", 1 / KILOJOULE),
    "average_heart_rate": ("Average HR (bpm)", 1),
    "max_heart_rate": ("Max HR (bpm)", 1),
}
CSV_SLEEP = {
    "sleep_quality": ("Sleep performance %", 1),
    "sleep_efficiency": ("Sleep efficiency %", 1),
    "sleep_consistency": ("Sleep consistency %", 1),
    "respiratory_rate": ("Respiratory rate (rpm)", 1),
    "sleep_hours": ("Asleep duration (min)", 60),
    "in_bed_hours": ("In bed duration (min)", 60),
    "light_hours": ("Light sleep duration (min)", 60),
    "deep_hours": ("Deep (SWS) duration (min)", 60),
    "rem_hours": ("REM duration (min)", 60),
    "awake_hours": ("Awake duration (min)", 60),
    "sleep_need_hours": ("Sleep need (min)", 60),
    "sleep_debt_hours": ("Sleep debt (min)", 60),
}

PERCENT = ("recovery_score", "sleep_quality", "sleep_efficiency", "sleep_consistency")
POSSIBLE: dict[str, tuple[float, float]] = {
    **dict.fromkeys(PERCENT, (0, 100)),
    **{name: (0, 24) for name in [*CSV_SLEEP, "nap_hours"] if name.endswith("_hours")},
    "strain": (0, 21),
    "hrv": (1, 400),
    "resting_heart_rate": (20, 150),
    "spo2": (50, 100),
    "skin_temp_celsius": (20, 45),
    "respiratory_rate": (4, 60),
    "energy_kj": (0, 80_000),
    "average_heart_rate": (20, 250),
    "max_heart_rate": (20, 260),
    "step_count": (0, 200_000),
    "workout_count": (0, 50),
    "sleep_offset_minutes": (-720, 840),
}
