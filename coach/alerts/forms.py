"""What a coach may choose about alerts, and until when one is put off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias
from zoneinfo import available_timezones

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coach.alerts.models import AlertRule
from coach.alerts.rules import WATCHABLE, Rule
from coach.insights.signals import SignalName

SDS = (1.5, 2.0, 2.5, 3.0)
COOLDOWNS = (24, 48, 72, 168, 336)  # hours
LONGEST_SNOOZE_DAYS = 90
Form: TypeAlias = MultiDict[str, str]  # a form or the query of an address


@dataclass(slots=True)
class RuleForm:
    """A rule as it stands in the form; `values` are its columns."""

    values: dict[str, object]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: AlertRule) -> "RuleForm":
        """Show what is kept."""
        return cls({name: getattr(kept, name) for name in _COLUMNS})

    @classmethod
    def read(cls, form: Form) -> "RuleForm":
        """Read what was chosen; a choice that is not offered is an error."""
        read = cls({})
        known = {name.value for name in WATCHABLE}
        read.values["signals"] = [each for each in form.getlist("signals") if each in known]
        for name in ("watches_quiet", "persistent", "digest", "active"):
            read.values[name] = bool(form.get(name))
        read.values["sds"] = read._one_of(form, "sds", SDS, 2.0)
        read.values["cooldown_hours"] = read._one_of(form, "cooldown_hours", COOLDOWNS, 24)
        read.values["digest_hour"] = read._one_of(form, "digest_hour", tuple(range(24)), 7)
        read.values["timezone"] = form.get("timezone", "").strip()
        if read.values["timezone"] not in available_timezones():
            read.errors["timezone"] = _("Choose a time zone from the list, such as Europe/Berlin.")
        return read

    @property
    def rule(self) -> Rule:
        """Give what is chosen as the pure rules know it."""
        watched = self.values["signals"]
        names = watched if isinstance(watched, list) else []
        return Rule(
            frozenset(SignalName(name) for name in names),
            float(str(self.values["sds"])),
            bool(self.values["persistent"]),
            int(str(self.values["cooldown_hours"])),
        )

    def _one_of(self, form: Form, name: str, offered: tuple[float, ...], usual: float) -> float:
        typed = form.get(name, "")
        chosen = next((each for each in offered if str(each) == typed), None)
        if chosen is None:
            self.errors[name] = _("Choose one of the list.")
        return usual if chosen is None else chosen


_COLUMNS = (
    *("signals", "watches_quiet", "persistent", "digest", "active"),
    *("sds", "cooldown_hours", "digest_hour", "timezone"),
)


def snooze_date(form: Mapping[str, str], *, today: date) -> date | None:
    """Read until when an alert is put off; None when that is not within the next 90 days."""
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        return None
    return until if today < until <= today + timedelta(days=LONGEST_SNOOZE_DAYS) else None
