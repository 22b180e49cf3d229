"""The read side that screens ask: how clients stand on a day, as the reader may see it.

Three statements, whatever the number of clients. Signals of what is not shared are left out before
anything is counted, so that not even the order of a list tells of them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from coach.accounts.access import Viewer
from coach.accounts.models import FieldGroup
from coach.accounts.sharing import GROUP_OF
from coach.check_ins.models import TagKind
from coach.insights import stored
from coach.insights.life import GROWING
from coach.insights.morning import (
    NOT_SHARED,
    QUIET_FROM_DAYS,
    CheckInMorning,
    Dated,
    HrvMorning,
    LowRecovery,
    Morning,
    Quiet,
    Reason,
    Shown,
    Tagged,
)
from coach.insights.signals import GROUP_OF_SIGNAL, TOPIC_OF_SIGNAL, Signal, SignalName, attention
from coach.insights.stored import SPARK_DAYS, VALUES, Stored
from coach.science.hrv import Position
from coach.science.series import Confidence, Figure
from coach.web.bands import recovery_band

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Behind:
    n: int
    confidence: Confidence


Thing = TypeVar("Thing")
_SIGNALS = TypeAdapter(list[Signal])
_BEHIND = TypeAdapter(_Behind)
MEASURED = frozenset(GROUP_OF[name] for name in VALUES)


def mornings(days: Mapping[UUID, date], *, by: Viewer) -> dict[UUID, Morning]:
    """Say how each client stands on a day of theirs; the caller found them by the viewer."""
    shares = by.shared(list(days))
    found = stored.of_clients(days)
    return {
        client_id: _Reading(day, shares[client_id], found[client_id]).morning()
        for client_id, day in days.items()
    }


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is stored of a client around a day, read with the eyes of one person."""

    day: date
    shares: frozenset[FieldGroup]
    stored: Stored

    def morning(self) -> Morning:
        signals, tags = self._signals(), self._tags()
        kinds = [tag.kind for tag in tags] if isinstance(tags, tuple) else []
        recovery = self._newest("recovery_score")
        return Morning(
            day=self.day,
            shares=self.shares,
            attention=attention(signals, kinds),
            reasons=self._reasons(signals, tags, recovery),
            recovery=recovery,
            hrv=self._shown(FieldGroup.RECOVERY, self._hrv),
            resting_heart_rate=self._newest("resting_heart_rate"),
            drift=self._figure(FieldGroup.RECOVERY, "rhr_drift", "rhr_drift_bpm"),
            drift_raised=any(each.name is SignalName.RESTING_WEEK for each in signals),
            night=self._newest("sleep_hours"),
            balance=self._shown(FieldGroup.SLEEP, self._balance),
            debt=self._figure(FieldGroup.SLEEP, "sleep_debt", "sleep_debt_hours"),
            strain_yesterday=self._newest("strain", until=self.day - A_DAY),
            load_change=self._figure(FieldGroup.STRAIN, "load_change", "load_change_percent"),
            feeling=self._figure(FieldGroup.CHECK_IN, "hooper_week", "hooper_week"),
            check_in=self._shown(FieldGroup.CHECK_IN, self._check_in),
            tags=tags,
            quiet_days=self._quiet_days(),
        )

    def _shown(self, group: FieldGroup, what: Callable[[], Thing | None]) -> Shown[Thing]:
        return what() if group in self.shares else NOT_SHARED

    def _newest(self, metric: str, *, until: date | None = None) -> Shown[Dated[float]]:
        return self._shown(GROUP_OF[metric], lambda: self._dated(metric, until or self.day))

    def _dated(self, metric: str, until: date) -> Dated[float] | None:
        days, youngest = self.stored.days, (self.day - until).days
        return next(
            (
                Dated(
                    value,
                    self.day - A_DAY * age,
                    _names(days.doubtful[at], metric),
                    days.is_open[at] and metric in GROWING,  # a night is over when it shows
                    days.calibrating[at],
                )
                for at, (age, value) in enumerate(zip(days.ages, days.values[metric], strict=True))
                if age >= youngest and value is not None
            ),
            None,
        )

    def _figure(self, group: FieldGroup, name: str, value: str) -> Shown[Figure]:
        return self._shown(group, lambda: self._known(name, value))

    def _known(self, name: str, value: str) -> Figure | None:
        """Give a figure of the day with the count of days behind it; None before any is made."""
        insight = self.stored.insight
        if insight is None:
            return None
        behind = _BEHIND.validate_python(insight.behind[name])
        return Figure(getattr(insight, value), behind.n, behind.confidence)

    def _hrv(self) -> HrvMorning | None:
        insight, newest = self.stored.insight, self._dated("hrv", self.day)
        week, usual = self._known("hrv_week", "hrv_week_ms"), self._known("hrv_range", "hrv_low_ms")
        if insight is None or week is None or usual is None:
            return None
        of_age = dict(zip(self.stored.days.ages, self.stored.days.values["hrv"], strict=True))
        return HrvMorning(
            week=week,
            range=usual,
            high_ms=insight.hrv_high_ms,
            position=Position(insight.hrv_position),
            days_outside=insight.hrv_days_outside,
            days=tuple(of_age.get(age) for age in reversed(range(SPARK_DAYS))),
            newest=newest.date if newest else None,
        )

    def _balance(self) -> float | None:
        return self.stored.insight.sleep_balance_hours if self.stored.insight else None

    def _check_in(self) -> CheckInMorning:
        answers = self.stored.answers
        before = min((age for age in answers if age > 0), default=None)
        missed = None if before is None else before - 1
        return CheckInMorning(0 in answers, answers.get(0, False), missed)

    def _tags(self) -> Shown[tuple[Tagged, ...]]:
        tags = (Tagged(TagKind(kind), first, last) for kind, first, last in self.stored.tags)
        return self._shown(FieldGroup.CHECK_IN, lambda: tuple(tags))

    def _signals(self) -> list[Signal]:
        told = self.stored.insight.signals if self.stored.insight else []
        if not told:
            return []
        shown = (each for each in _SIGNALS.validate_python(told) if self._shares(each))
        return sorted(shown, key=lambda signal: (signal.name not in TOPIC_OF_SIGNAL, -signal.days))

    def _shares(self, signal: Signal) -> bool:
        return GROUP_OF_SIGNAL[signal.name] in self.shares

    def _quiet_days(self) -> int | None:
        """Count the days since anything measured that is shared was known; None in 28 days."""
        days = self.stored.days
        seen = [days.values[name] for name in VALUES if GROUP_OF[name] in self.shares]
        return next(
            (
                age
                for at, age in enumerate(days.ages)
                if any(values[at] is not None for values in seen)
            ),
            None,
        )

    def _reasons(
        self,
        signals: Sequence[Signal],
        tags: Shown[tuple[Tagged, ...]],
        recovery: Shown[Dated[float]],
    ) -> tuple[Reason, ...]:
        """Put together why to look: signals, a red recovery of the day, tags, silence."""
        reasons: list[Reason] = [*signals]
        if isinstance(recovery, Dated) and recovery.date == self.day and _is_low(recovery):
            reasons.append(LowRecovery(recovery.value))
        reasons += tags if isinstance(tags, tuple) else ()
        quiet = self._quiet_days()
        if self.shares & MEASURED and (quiet is None or quiet >= QUIET_FROM_DAYS):
            reasons.append(Quiet(quiet))
        return tuple(reasons)


def _is_low(recovery: Dated[float]) -> bool:
    """Tell whether WHOOP calls a recovery red; while it calibrates, nobody does."""
    return recovery_band(recovery.value) == "low" and not recovery.calibrating


def _names(told: str | None, metric: str) -> bool:
    """Tell whether a list of names, as JSON, holds a metric; there is almost never one."""
    return told is not None and metric in json.loads(told)
