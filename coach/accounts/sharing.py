"""Which values of a day belong to which field group a client may share."""

from collections.abc import Collection, Mapping

from coach.accounts.models import FieldGroup

TEXT_VERSION = "2026-11"
DEVICE_GROUPS = (
    FieldGroup.RECOVERY,
    FieldGroup.SLEEP,
    FieldGroup.STRAIN,
    FieldGroup.WORKOUTS,
)

_GROUPS = {
    FieldGroup.RECOVERY: (
        "recovery_score",
        "hrv",
        "resting_heart_rate",
        "spo2",
        "skin_temp_celsius",
    ),
    FieldGroup.SLEEP: (
        "sleep_hours",
        "sleep_quality",
        "respiratory_rate",
        "sleep_efficiency",
        "sleep_consistency",
        "in_bed_hours",
        "light_hours",
        "deep_hours",
        "rem_hours",
        "awake_hours",
        "sleep_need_hours",
        "sleep_debt_hours",
        "nap_hours",
        "sleep_started_at",
        "sleep_ended_at",
        "sleep_offset_minutes",
    ),
    FieldGroup.STRAIN: (
        "strain",
        "energy_kj",
        "average_heart_rate",
        "max_heart_rate",
        "step_count",
    ),
    FieldGroup.WORKOUTS: ("workout_count",),
    FieldGroup.JOURNAL: ("notes",),
    FieldGroup.CHECK_IN: ("mood", "weight_kg"),
}
GROUP_OF: Mapping[str, FieldGroup] = {
    field: group for group, fields in _GROUPS.items() for field in fields
}


def fields_of(groups: Collection[FieldGroup]) -> frozenset[str]:
    """Name the day's fields that these groups let through."""
    return frozenset(field for field, group in GROUP_OF.items() if group in groups)
