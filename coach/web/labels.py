"""What metrics and sources are called on screen, and how many decimals they show."""

from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.web.units import conversion

Style = Literal["number", "percent", "hours", "time", "offset", "text"]


@dataclass(frozen=True, slots=True)
class Words:
    """How one metric is named and written; WHOOP's own names stay as WHOOP has them."""

    label: LazyString
    style: Style = "number"
    unit: LazyString | None = None
    decimals: int = 0


_BPM = _l("bpm")

METRIC_WORDS: dict[str, Words] = {
    "recovery_score": Words(_l("Recovery"), "percent"),
    "strain": Words(_l("Strain"), decimals=1),
    "hrv": Words(_l("Heart rate variability"), unit=_l("ms")),
    "sleep_hours": Words(_l("Sleep"), "hours"),
    "sleep_quality": Words(_l("Sleep performance"), "percent"),
    "resting_heart_rate": Words(_l("Resting heart rate"), unit=_BPM),
    "spo2": Words(_l("Blood oxygen"), "percent", decimals=1),
    "skin_temp_celsius": Words(_l("Skin temperature"), unit=_l("°C"), decimals=1),
    "respiratory_rate": Words(_l("Respiratory rate"), unit=_l("/min"), decimals=1),
    "sleep_efficiency": Words(_l("Sleep efficiency"), "percent"),
    "sleep_consistency": Words(_l("Sleep consistency"), "percent"),
    "in_bed_hours": Words(_l("Time in bed"), "hours"),
    "light_hours": Words(_l("Light sleep"), "hours"),
    "deep_hours": Words(_l("Deep sleep (SWS)"), "hours"),
    "rem_hours": Words(_l("REM sleep"), "hours"),
    "awake_hours": Words(_l("Awake"), "hours"),
    "sleep_need_hours": Words(_l("Sleep needed"), "hours"),
    "sleep_debt_hours": Words(_l("Sleep debt"), "hours"),
    "nap_hours": Words(_l("Naps"), "hours"),
    "sleep_started_at": Words(_l("Fell asleep"), "time"),
    "sleep_ended_at": Words(_l("Woke up"), "time"),
    "sleep_offset_minutes": Words(_l("Time zone of the night"), "offset"),
    "energy_kj": Words(_l("Energy"), unit=_l("kJ")),
    "average_heart_rate": Words(_l("Average heart rate"), unit=_BPM),
    "max_heart_rate": Words(_l("Max heart rate"), unit=_BPM),
    "step_count": Words(_l("Steps")),
    "workout_count": Words(_l("Workouts")),
    "weight_kg": Words(_l("Weight"), unit=_l("kg"), decimals=1),
    "mood": Words(_l("Mood")),
    "notes": Words(_l("Notes"), "text"),
}

SOURCE_LABELS: dict[str, LazyString] = {
    "manual": _l("typed by hand"),
    "whoop": _l("WHOOP"),
    "whoop_export": _l("WHOOP export"),
}


def metric_label(name: str) -> str:
    """Give the name of a metric on screen."""
    return str(METRIC_WORDS[name].label)


def metric_unit(name: str) -> str:
    """Give the unit to print after a bare number; empty when the value needs none."""
    words = METRIC_WORDS[name]
    if words.style == "hours":
        return str(_l("h"))
    if words.style == "percent":
        return "%"
    other = conversion(name)
    return str(other.unit if other else words.unit or "")


def source_label(source: str) -> str:
    """Say in words who said a value."""
    return str(SOURCE_LABELS[source])
