"""Insights and burnout scores: what follows from a client's days, each with its numbers."""

from datetime import date as Date  # noqa: N812  # the field is called date
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from coach.accounts.models import FieldGroup
from coach.api import clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Chosen, Page, Sparse
from coach.insights.models import BurnoutScore, Insight
from coach.insights.signals import GROUP_OF_SIGNAL, SignalName

TAG = "Insights"
State = Literal["not_enough", "quiet", "raised"]


class Behind(Answer):
    """How many days are behind a figure, and how far it may be trusted."""

    n: int
    confidence: str = Field(examples=["ok"])


class OneSignal(Answer):
    """Why something is worth a look; units are those of what it is about."""

    name: str = Field(examples=["hrv_week"])
    direction: str = Field(examples=["below"])
    value: float = Field(description="of `resting_week` the drift", examples=[48.6])
    usual: float | None
    low: float | None = Field(description="lower bound of the own range", examples=[55.2])
    high: float | None
    days: int = Field(description="in a row; of a `_day`, days far out of three")
    n: int = Field(description="days behind what is usual")
    window: int = Field(description="days looked back on")
    confidence: str = Field(examples=["ok"])


class Factor(Answer):
    """One signal of a line, and for how many days in a row it was outside the own range."""

    signal: str = Field(examples=["hrv_week"])
    days_outside: int
    window_days: int
    n: int


class OneInsight(Sparse):
    """The figures of one date; those of groups that are not shared are null."""

    date: Date
    formula_version: int
    hrv_week_ms: float | None
    hrv_low_ms: float | None = Field(description="lower bound of the own range")
    hrv_high_ms: float | None
    hrv_position: str | None = Field(examples=["inside"])
    rhr_drift_bpm: float | None
    sleep_balance_hours: float | None
    sleep_debt_hours: float | None
    load_change_percent: float | None
    hooper_week: float | None
    behind: dict[str, Behind] = Field(description="days behind each figure, and its confidence")
    signals: list[OneSignal] = Field(description="what is worth a look, with its numbers")
    not_shared: list[str]


class InsightPage(Page[OneInsight]):
    """Insights, newest first."""


class Burnout(Sparse):
    """Three separate lines with the factors of each; never one number, never a diagnosis."""

    date: Date
    formula_version: int
    body: State | None
    sleep: State | None
    feeling: State | None
    factors: dict[str, list[Factor]] = Field(description="by line")
    not_shared: list[str]


class BurnoutPage(Page[Burnout]):
    """Burnout scores, newest first."""


_FIGURES = {
    FieldGroup.RECOVERY: (
        *("hrv_week_ms", "hrv_low_ms", "hrv_high_ms", "hrv_position", "rhr_drift_bpm"),
    ),
    FieldGroup.SLEEP: ("sleep_balance_hours", "sleep_debt_hours"),
    FieldGroup.STRAIN: ("load_change_percent",),
    FieldGroup.CHECK_IN: ("hooper_week",),
}
_BEHIND = {
    "hrv_week": FieldGroup.RECOVERY,
    "hrv_range": FieldGroup.RECOVERY,
    "rhr_drift": FieldGroup.RECOVERY,
    "sleep_debt": FieldGroup.SLEEP,
    "sleep_balance": FieldGroup.SLEEP,
    "load_change": FieldGroup.STRAIN,
    "hooper_week": FieldGroup.CHECK_IN,
}
# A line rests on what is measured, and is refused without answers: it tells of both.
_LINES = {
    "body": {FieldGroup.RECOVERY, FieldGroup.CHECK_IN},
    "sleep": {FieldGroup.SLEEP, FieldGroup.CHECK_IN},
    "feeling": {FieldGroup.CHECK_IN},
}


@operation("/clients/<client_id>/insights", Scope.READ_DAYS, InsightPage, tag=TAG)
def list_insights(client_id: str, query: Chosen) -> InsightPage:
    """List the figures of a client's dates, newest first."""
    looked = clients.look(client_id, "insights")
    chosen = select(Insight).where(
        *theirs(Insight, looked.client),
        *of_dates(Insight.date, query),
    )
    found, cursor = paging.rows(chosen, [Insight.date], query)
    shown = [_insight(row, looked.shares, looked.withheld) for row in found]
    return InsightPage(items=shown if looked.shares else [], next_cursor=cursor)


@operation("/clients/<client_id>/burnout-scores", Scope.READ_DAYS, BurnoutPage, tag=TAG)
def list_burnout_scores(client_id: str, query: Chosen) -> BurnoutPage:
    """List the three lines of a client's dates, newest first, each with its factors."""
    looked = clients.look(client_id, "burnout scores")
    chosen = select(BurnoutScore).where(
        *theirs(BurnoutScore, looked.client),
        *of_dates(BurnoutScore.date, query),
    )
    found, cursor = paging.rows(chosen, [BurnoutScore.date], query)
    shown = [_burnout(row, looked.shares, looked.withheld) for row in found]
    return BurnoutPage(items=shown if looked.shares else [], next_cursor=cursor)


def _insight(row: Insight, shares: frozenset[FieldGroup], withheld: list[str]) -> OneInsight:
    figures = {
        name: getattr(row, name) if group in shares else None
        for group, names in _FIGURES.items()
        for name in names
    }
    signals = [
        OneSignal.model_validate(each)
        for each in row.signals
        if GROUP_OF_SIGNAL[SignalName(str(each["name"]))] in shares
    ]
    behind = {
        name: Behind.model_validate(it)
        for name, it in row.behind.items()
        if _BEHIND.get(name) in shares
    }
    return OneInsight.model_construct(
        date=row.date,
        formula_version=row.formula_version,
        behind=behind,
        signals=signals,
        not_shared=withheld,
        **figures,
    )


def _burnout(row: BurnoutScore, shares: frozenset[FieldGroup], withheld: list[str]) -> Burnout:
    seen = [name for name, groups in _LINES.items() if groups <= shares]
    return Burnout.model_construct(
        date=row.date,
        formula_version=row.formula_version,
        factors={
            name: [Factor.model_validate(each) for each in row.factors.get(name, [])]
            for name in seen
        },
        not_shared=withheld,
        **{name: getattr(row, name) if name in seen else None for name in _LINES},
    )
