"""What each metric means, in a sentence or two a client understands; no verdicts, no medicine."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

METRIC_HELP: dict[str, LazyString] = {
    "recovery_score": _l(
        "How ready WHOOP finds your body, from heart rate variability, resting heart rate, sleep and breathing of the night. Compare it with your own weeks, not with others."
    ),
    "strain": _l(
        "WHOOP's measure of how hard heart and muscles worked over the day, from 0 to 21. Each further point is harder to reach than the one before."
    ),
    "hrv": _l(
        "How much the time between heartbeats varies in sleep (rMSSD). It differs much between people: what counts is your own usual range."
    ),
    "sleep_hours": _l("Time asleep in the main sleep, without the minutes awake in bed."),
    "sleep_quality": _l("How much of the sleep that WHOOP says you needed you got."),
    "resting_heart_rate": _l(
        "Heartbeats per minute at rest, measured in sleep. A few above your usual can mean a hard day, alcohol, heat or an illness on its way."
    ),
    "spo2": _l("Share of your blood's haemoglobin that carries oxygen, measured in sleep."),
    "skin_temp_celsius": _l(
        "Temperature of the skin at the wrist in sleep. The room and the bedding change it too."
    ),
    "respiratory_rate": _l("Breaths per minute in sleep. It usually hardly changes."),
    "sleep_efficiency": _l("Share of the time in bed in which you slept."),
    "sleep_consistency": _l("How alike your bedtimes and wake times were over the last days."),
    "in_bed_hours": _l("From lying down to getting up, asleep or not."),
    "light_hours": _l("Sleep that is neither deep nor REM; most of a night."),
    "deep_hours": _l("Slow wave sleep, in which the body recovers most; mostly early at night."),
    "rem_hours": _l("Sleep with dreams, mostly towards morning."),
    "awake_hours": _l("Time in bed in which you were awake; some of it is usual."),
    "sleep_need_hours": _l(
        "What you needed: WHOOP reckons it from your base, debt of nights before, strain and naps."
        " What you type yourself stands for nights after it too, as long as WHOOP says nothing."
    ),
    "sleep_debt_hours": _l("The part of the sleep needed that comes from short nights before."),
    "nap_hours": _l("Time asleep outside the main sleep."),
    "sleep_started_at": _l("When the main sleep began, on your clock of that night."),
    "sleep_ended_at": _l("When the main sleep ended, on your clock of that morning."),
    "sleep_offset_minutes": _l("How far your clock was from UTC that night."),
    "energy_kj": _l(
        "Energy that WHOOP reckons you used over the day, at rest and in motion. A rough figure."
    ),
    "average_heart_rate": _l("Mean of all heartbeats per minute over the day."),
    "max_heart_rate": _l("The highest heart rate of the day."),
    "step_count": _l("Steps counted by the strap over the day."),
    "workout_count": _l("Workouts that WHOOP found or you started that day."),
    "weight_kg": _l("Your weight as you typed it, or as it stands in your WHOOP profile."),
    "mood": _l("How you felt, from 1 to 10, in your own judgement."),
    "notes": _l("What you wrote about the day."),
}


def metric_help(name: str) -> str:
    """Say what a metric means."""
    return str(METRIC_HELP[name])
