"""What field groups are called on screen."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from coach.accounts.models import FieldGroup

GROUPS = {
    FieldGroup.RECOVERY: _l(
        "Recovery, heart rate variability, resting heart rate, blood oxygen and skin temperature"
    ),
    FieldGroup.SLEEP: _l("Sleep with its times and stages, and respiratory rate"),
    FieldGroup.STRAIN: _l("Strain, energy, steps and heart rate of the day"),
    FieldGroup.WORKOUTS: _l("Workouts"),
    FieldGroup.JOURNAL: _l("Journal and notes"),
    FieldGroup.CHECK_IN: _l("Check-ins, mood and weight"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(GROUPS.__getitem__, "group_label")
