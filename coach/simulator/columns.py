"""The headers of WHOOP's English export, newest form; the older ones differ as said below."""

CYCLE_KEY = ("Cycle start time", "Cycle end time", "Cycle timezone")
RECOVERY = (
    "Recovery score %",
    "Resting heart rate (bpm)",
    "Heart rate variability (ms)",
    "Skin temp (celsius)",
    "Blood oxygen %",
)
EXERTION = ("Day Strain", "Energy burned (cal)", "Max HR (bpm)", "Average HR (bpm)")
SLEEP_TIMES = ("Sleep onset", "Wake onset")
SLEEP_SCORE = (
    "Sleep performance %",
    "Respiratory rate (rpm)",
    "Asleep duration (min)",
    "In bed duration (min)",
    "Light sleep duration (min)",
    "Deep (SWS) duration (min)",
    "REM duration (min)",
    "Awake duration (min)",
    "Sleep need (min)",
    "Sleep debt (min)",
    "Sleep efficiency %",
)
CONSISTENCY = "Sleep consistency %"  # since between June 2023 and March 2024
NAP = "Nap"
WORKOUT_TIMES = ("Workout start time", "Workout end time", "Duration (min)", "Activity name")
WORKOUT_SCORE = (
    "Activity Strain",
    "Energy burned (cal)",
    "Max HR (bpm)",
    "Average HR (bpm)",
    "HR Zone 1 %",
    "HR Zone 2 %",
    "HR Zone 3 %",
    "HR Zone 4 %",
    "HR Zone 5 %",
)
GPS = "GPS enabled"
GROUND = ("Distance (meters)", "Altitude gain (meters)", "Altitude change (meters)")  # until 2025
DIARY = (*CYCLE_KEY, "Question text", "Answered yes", "Notes")


def cycle_columns(*, newest: bool) -> tuple[str, ...]:
    common = (*CYCLE_KEY, *RECOVERY, *EXERTION, *SLEEP_TIMES, *SLEEP_SCORE)
    return (*common, CONSISTENCY) if newest else common


def sleep_columns(*, newest: bool) -> tuple[str, ...]:
    common = (*CYCLE_KEY, *SLEEP_TIMES, *SLEEP_SCORE)
    return (*common, CONSISTENCY, NAP) if newest else (*common, NAP)


def workout_columns(*, newest: bool) -> tuple[str, ...]:
    common = (*CYCLE_KEY, *WORKOUT_TIMES, *WORKOUT_SCORE, GPS)
    return common if newest else (*common, *GROUND)
