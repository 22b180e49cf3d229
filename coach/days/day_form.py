"""The form of one day: what somebody typed, and what could not be understood."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from coach.days.editing import USE_DEVICE, Edit
from coach.days.metrics import METRICS, Metric

LONGEST_NOTE = 2000
EDITABLE = tuple(name for name, metric in METRICS.items() if metric.editable)


@dataclass(slots=True)
class DayForm:
    """The typed fields of one day: what to change, and what could not be understood."""

    edits: dict[str, Edit] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    version: int = 0

    @classmethod
    def read(cls, form: Mapping[str, str], fields: Collection[str] = EDITABLE) -> "DayForm":
        """Read what is said of these fields: `<name>.do` is keep, set, empty, device."""
        read = cls()
        try:
            read.version = int(form.get("version", ""))
        except ValueError:
            read.errors["version"] = _("Reload the page and try again.")
        for name in fields:
            read._take(METRICS[name], form)
        return read

    def _take(self, metric: Metric, form: Mapping[str, str]) -> None:
        typed = form.get(metric.name, "").strip()
        match form.get(f"{metric.name}.do", "keep"):
            case "keep" if typed:  # whoever types a value means it
                self._set(metric, typed)
            case "device":
                self.edits[metric.name] = USE_DEVICE
            case "empty":
                self.edits[metric.name] = None
            case "set":
                self._set(metric, typed)

    def _set(self, metric: Metric, typed: str) -> None:
        if metric.kind == "text":
            self.edits[metric.name] = typed[:LONGEST_NOTE]
            return
        try:
            number = float(typed.replace(",", "."))
        except ValueError:
            self.errors[metric.name] = _("Type a number, such as %(low)g.", low=metric.low)
            return
        value: float | int = int(number) if metric.kind == "whole" and number % 1 == 0 else number
        if metric.accepts(value):
            self.edits[metric.name] = value
        else:
            self.errors[metric.name] = _(
                "Must lie between %(low)g and %(high)g.", low=metric.low, high=metric.high
            )
