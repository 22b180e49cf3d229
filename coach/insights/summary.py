"""The read side that screens ask: how clients stand on a day, as the reader may see it.

Three statements, whatever the number of clients. Signals of what is not shared are left out before
anything is counted, so that not even the order of a list tells of them.
"""

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
from coach.insights.signals import GROUP_OF_SIGNAL, Signal, SignalName, attention, in_order
from coach.insights.stored import NULL, SPARK_DAYS, VALUES, Stored
from coach.science.hrv import Position
from coach.science.series import Confidence, Figure
from coach.web.bands import recovery_band

A_DAY = timedelta(days=1)


Thing = TypeVar("Thing")
_SIGNALS = TypeAdapter(list[Signal])
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
        recovery, quiet_days = self._newest("recovery_score"), self._quiet_days()
        return Morning(
            day=self.day,
            shares=self.shares,
            attention=attention(signals, kinds),
            reasons=self._reasons(signals, tags, recovery, quiet_days),
            recovery=recovery,
            hrv=self._shown(FieldGroup.RECOVERY, self._hrv),
            resting_heart_rate=self._newest("resting_heart_rate"),
            drift=self._figure(FieldGroup.RECOVERY, "rhr_drift", "rhr_drift_bpm"),
            drift_raised=any(each.name is SignalName.RESTING_WEEK for each in signals),
            night=self._newest("sleep_hours"),
            balance=self._shown(FieldGroup.SLEEP, self._balance),
            debt=self._figure(FieldGroup.SLEEP, "sleep_debt", "sleep_debt_hours"),
            strain_yesterday=self._newest("strain", youngest=1),
            load_change=self._figure(FieldGroup.STRAIN, "load_change", "load_change_percent"),
            feeling=self._figure(FieldGroup.CHECK_IN, "hooper_week", "hooper_week"),
            check_in=self._shown(FieldGroup.CHECK_IN, self._check_in),
            tags=tags,
            quiet_days=quiet_days,
        )

    def _shown(self, group: FieldGroup, what: Callable[[], Thing | None]) -> Shown[Thing]:
        return what() if group in self.shares else NOT_SHARED

    def _newest(self, metric: str, *, youngest: int = 0) -> Shown[Dated[float]]:
        """Give the newest value that is so many days old or older."""
        if GROUP_OF[metric] not in self.shares:
            return NOT_SHARED
        days = self.stored.days
        newest = days.newest(metric, youngest=youngest)
        if newest is None:
            return None
        age, value = newest
        return Dated(
            value,
            self.day - A_DAY * age,
            metric in days.doubtful.get(str(age), ()),
            metric in GROWING and age in days.is_open,  # a night is over when it shows
            age in days.calibrating,
        )

    def _figure(self, group: FieldGroup, name: str, value: str) -> Shown[Figure]:
        return self._shown(group, lambda: self._known(name, value))

    def _known(self, name: str, value: str) -> Figure | None:
        """Give a figure of the day with the count of days behind it; None before any is made."""
        insight = self.stored.insight
        if insight is None:
            return None
        behind = insight.behind[name]
        return Figure(getattr(insight, value), behind["n"], Confidence(behind["confidence"]))

    def _hrv(self) -> HrvMorning | None:
        insight, newest = self.stored.insight, self.stored.days.newest("hrv")
        week, usual = self._known("hrv_week", "hrv_week_ms"), self._known("hrv_range", "hrv_low_ms")
        if insight is None or week is None or usual is None:
            return None
        of_age = self.stored.days.of_age("hrv")
        return HrvMorning(
            week=week,
            range=usual,
            high_ms=insight.hrv_high_ms,
            position=Position(insight.hrv_position),
            days_outside=insight.hrv_days_outside,
            days=tuple(of_age.get(age) for age in reversed(range(SPARK_DAYS))),
            newest=self.day - A_DAY * newest[0] if newest else None,
        )

    def _balance(self) -> float | None:
        return self.stored.insight.sleep_balance_hours if self.stored.insight else None

    def _check_in(self) -> CheckInMorning:
        said = self.stored.answered
        missed = None if said.before is None else said.before - 1
        return CheckInMorning(said.today, said.seen, missed)

    def _tags(self) -> Shown[tuple[Tagged, ...]]:
        tags = (Tagged(TagKind(kind), first, last) for kind, first, last in self.stored.tags)
        return self._shown(FieldGroup.CHECK_IN, lambda: tuple(tags))

    def _signals(self) -> list[Signal]:
        told = self.stored.insight.signals if self.stored.insight else []
        if not told:
            return []
        return in_order(each for each in _SIGNALS.validate_python(told) if self._shares(each))

    def _shares(self, signal: Signal) -> bool:
        return GROUP_OF_SIGNAL[signal.name] in self.shares

    def _quiet_days(self) -> int | None:
        """Count the days since anything measured that is shared was known; None in 28 days."""
        days = self.stored.days
        columns = [days.written[name] for name in VALUES if GROUP_OF[name] in self.shares]
        of_days = zip(days.ages, *columns, strict=True)
        return next((age for age, *said in of_days if set(said) - {NULL}), None)

    def _reasons(
        self,
        signals: Sequence[Signal],
        tags: Shown[tuple[Tagged, ...]],
        recovery: Shown[Dated[float]],
        quiet: int | None,
    ) -> tuple[Reason, ...]:
        """Put together why to look: signals, a red recovery of the day, tags, silence."""
        reasons: list[Reason] = [*signals]
        if isinstance(recovery, Dated) and recovery.date == self.day and _is_low(recovery):
            reasons.append(LowRecovery(recovery.value))
        reasons += tags if isinstance(tags, tuple) else ()
        if self.shares & MEASURED and (quiet is None or quiet >= QUIET_FROM_DAYS):
            reasons.append(Quiet(quiet))
        return tuple(reasons)


def _is_low(recovery: Dated[float]) -> bool:
    """Tell whether WHOOP calls a recovery red; while it calibrates, nobody does."""
    return recovery_band(recovery.value) == "low" and not recovery.calibrating
