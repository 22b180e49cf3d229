"""One field of one day as a form: what somebody typed, stored, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from flask_babel import gettext as _

from coach.accounts.models import Client
from coach.days import editing, field_history
from coach.days.editing import USE_DEVICE, Edit, FieldEdit
from coach.days.metrics import METRICS, Metric
from coach.web.units import from_units, in_units

LONGEST_NOTE = 2000
EDITABLE = tuple(name for name, metric in METRICS.items() if metric.editable)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: stored, not understood (`error` says why), or somebody was quicker."""

    status: int
    error: str = ""

    @property
    def saved(self) -> bool:
        return self.status == SAVED.status

    @property
    def conflict(self) -> bool:
        return self.status == QUICKER.status


SAVED: Final = Outcome(200)
QUICKER: Final = Outcome(409)


class _NotUnderstood(Exception):
    """What was typed is no value of this field; the words say what would be."""


def take(client: Client, day: date, name: str, form: Mapping[str, str], *, by: UUID) -> Outcome:
    """Store what a form says of one field: `do` is set, empty, device or undo.

    `seen` marks what had been typed when the person looked; `value` is in their units. The
    caller found the client by the viewer, and lets them type into this field.
    """
    try:
        edit = _read(client, day, METRICS[name], form, by=by)
        editing.type_field(client.id, day, FieldEdit(name, edit, form.get("seen", "")), by=by)
    except _NotUnderstood as unclear:
        return Outcome(422, str(unclear))
    except editing.Conflict:
        return QUICKER
    return SAVED


def _read(client: Client, day: date, metric: Metric, form: Mapping[str, str], *, by: UUID) -> Edit:
    typed = form.get("value", "").strip()
    match form.get("do", ""):
        case "device":
            return USE_DEVICE
        case "empty":
            return None
        case "undo":
            return field_history.before_others(client, day, metric.name, than=by)
        case "set" | "" if typed:
            return _value(typed, metric)
    raise _NotUnderstood(_("Type a value, or leave it empty on purpose."))


def _value(typed: str, metric: Metric) -> float | int | str:
    if metric.kind == "text":
        return typed[:LONGEST_NOTE]
    try:
        number = _hours(typed) if metric.unit == "h" else float(typed.replace(",", "."))
    except ValueError:
        example = _limit(metric.low, metric)
        raise _NotUnderstood(_("Type a number, such as %(low)g.", low=example)) from None
    stored = from_units(number, metric.name)
    value: float | int = int(stored) if metric.kind == "whole" and stored % 1 == 0 else stored
    if metric.accepts(value):
        return value
    low, high = _limit(metric.low, metric), _limit(metric.high, metric)
    raise _NotUnderstood(_("Must lie between %(low)g and %(high)g.", low=low, high=high))


def _hours(typed: str) -> float:
    """Read 7.5, or 7:30 as pages write it."""
    whole, colon, minutes = typed.replace(",", ".").partition(":")
    if not colon:
        return float(whole)
    if not (minutes.isdecimal() and int(minutes) < 60):
        raise ValueError(typed)
    return int(whole) + int(minutes) / 60


def _limit(value: float, metric: Metric) -> float:
    return round(in_units(value, metric.name), 1)
