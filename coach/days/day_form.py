"""The form of one day: what somebody typed, and what could not be understood."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from coach.days.editing import USE_DEVICE, Edit
from coach.days.metrics import METRICS, Metric
from coach.web.units import from_units, in_units

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

    @classmethod
    def read_one(cls, form: Mapping[str, str], name: str) -> "DayForm":
        """Read what is said of one field, with `do` and `value` as in `read`."""
        read = cls()
        read._take(METRICS[name], {name: form.get("value", ""), f"{name}.do": form.get("do", "")})
        if not (read.edits or read.errors):
            read.errors[name] = _("Type a value, or leave it empty on purpose.")
        return read

    def _take(self, metric: Metric, form: Mapping[str, str]) -> None:
        typed = form.get(metric.name, "").strip()
        match form.get(f"{metric.name}.do", "keep"):
            case "keep" | "" if typed:  # whoever types a value means it
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
            self.errors[metric.name] = _(
                "Type a number, such as %(low)g.", low=_limit(metric.low, metric)
            )
            return
        stored = from_units(number, metric.name)
        value: float | int = int(stored) if metric.kind == "whole" and stored % 1 == 0 else stored
        if metric.accepts(value):
            self.edits[metric.name] = value
        else:
            self.errors[metric.name] = _(
                "Must lie between %(low)g and %(high)g.",
                low=_limit(metric.low, metric),
                high=_limit(metric.high, metric),
            )


def _limit(value: float, metric: Metric) -> float:
    return round(in_units(value, metric.name), 1)
