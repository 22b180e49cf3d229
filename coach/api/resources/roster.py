"""The roster and one client's summary: how they stand this morning, and why to look."""

from collections.abc import Callable
from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g
from pydantic import Field

from coach.accounts import audit
from coach.accounts.models import Role
from coach.api import auth, clients, places
from coach.api.answers import chosen
from coach.api.mornings import Reader, Row
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import LONGEST_CURSOR, Page, Said, Sparse, in_utc
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.insights.morning import Dated, HrvMorning, Reason
from coach.insights.signals import Signal
from coach.insights.words import in_words
from coach.science.series import Figure

TAG = "Roster"
MOST_ROWS = 1000


class Newest(Sparse):
    """The newest value there is, and its date."""

    value: float
    date: Date
    doubtful: bool


class Why(Sparse):
    """A reason to look, in the language of `Accept-Language`."""

    kind: str = Field(examples=["hrv_week"])
    words: str = Field(examples=["HRV below own range, 3 days"])


class MorningRow(Sparse):
    """One client on one day; what is not shared, or not known, is null."""

    client_id: UUID
    name: str
    date: Date
    state: str = Field(examples=["attention"])
    reasons: list[Why]
    recovery_score: Newest | None
    hrv_week_ms: float | None
    hrv_low_ms: float | None
    hrv_high_ms: float | None
    hrv_position: str | None
    resting_heart_rate: Newest | None
    rhr_drift_bpm: float | None
    sleep_hours: Newest | None
    sleep_balance_hours: float | None
    sleep_debt_hours: float | None
    strain_yesterday: Newest | None
    load_change_percent: float | None
    hooper_week: float | None
    quiet_days: int | None
    link: str | None
    last_sync: datetime | None
    alerts: int
    not_shared: list[str]


class RosterPage(Page[MorningRow]):
    """Clients in the order asked for."""


class Asked(Said):
    """Whom to list, of which day, in which order."""

    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS)
    cursor: str | None = Field(
        None, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before"
    )
    date: Date | None = None
    state: Bucket = Bucket.ALL
    sort: Sort = Sort.NEED
    search: str = Field("", max_length=100)
    fields: str | None = Field(None, max_length=1000)


@operation("/roster", Scope.READ_ROSTER, RosterPage, tag=TAG)
def get_roster(query: Asked) -> RosterPage:
    """List every client the caller may know of with their morning, in one call.

    `sort=name` with `limit` reads the clients of the page only; `fields` saves what it leaves out.
    """
    auth.only(Role.OWNER, Role.COACH, service=True)
    wanted = Wanted(search=query.search, bucket=query.state, sort=query.sort, day=query.date)
    this = f"roster {wanted.args}"
    behind = places.opened(query.cursor, of=this)
    found, last = _reader(query.fields).page(wanted, behind=behind, rows=query.limit)
    seen = [row.person.id for row in found if row.morning.shares]
    audit.roster_viewed(seen, by=auth.caller().user_id)
    shown = [_row(row, query.fields) for row in found]
    return RosterPage(items=shown, next_cursor=places.sealed(last, of=this))


@operation("/clients/<client_id>/summary", Scope.READ_DAYS, MorningRow, tag=TAG)
def get_summary(client_id: str) -> MorningRow:
    """Say how one client stands today, as on the dashboard."""
    looked = clients.look(client_id, "summary")
    return _row(_reader(None).one(looked.client), None)


def _reader(fields: str | None) -> Reader:
    return Reader(auth.caller(), g.asked_at, chosen(MorningRow, fields))


def _row(row: Row, fields: str | None) -> MorningRow:
    """Write what was asked for of a client; unasked, nothing is worked out."""
    made: dict[str, Any] = {name: _MADE[name](row) for name in chosen(MorningRow, fields)}
    return MorningRow.model_construct(**made)


def _reasons(row: Row) -> list[Why]:
    return [
        Why.model_construct(kind=_kind(each), words=in_words(each)) for each in row.morning.reasons
    ]


def _hrv(row: Row) -> HrvMorning | None:
    return row.morning.hrv if isinstance(row.morning.hrv, HrvMorning) else None


def _hrv_week(row: Row) -> float | None:
    hrv = _hrv(row)
    return hrv.week.value if hrv else None


def _hrv_low(row: Row) -> float | None:
    hrv = _hrv(row)
    return hrv.range.value if hrv else None


def _hrv_high(row: Row) -> float | None:
    hrv = _hrv(row)
    return hrv.high_ms if hrv else None


def _hrv_position(row: Row) -> str | None:
    hrv = _hrv(row)
    return hrv.position if hrv else None


def _balance(row: Row) -> float | None:
    return row.morning.balance if isinstance(row.morning.balance, float) else None


def _kind(reason: Reason) -> str:
    return reason.name.value if isinstance(reason, Signal) else type(reason).__name__.lower()


def _newest(shown: object) -> Newest | None:
    if not isinstance(shown, Dated):
        return None
    return Newest.model_construct(value=shown.value, date=shown.date, doubtful=shown.doubtful)


def _figure(shown: object) -> float | None:
    return shown.value if isinstance(shown, Figure) else None


_MADE: dict[str, Callable[[Row], object]] = {
    "client_id": lambda row: row.person.id,
    "name": lambda row: row.person.name,
    "date": lambda row: row.morning.day,
    "state": lambda row: row.morning.state,
    "reasons": _reasons,
    "recovery_score": lambda row: _newest(row.morning.recovery),
    "hrv_week_ms": _hrv_week,
    "hrv_low_ms": _hrv_low,
    "hrv_high_ms": _hrv_high,
    "hrv_position": _hrv_position,
    "resting_heart_rate": lambda row: _newest(row.morning.resting_heart_rate),
    "rhr_drift_bpm": lambda row: _figure(row.morning.drift),
    "sleep_hours": lambda row: _newest(row.morning.night),
    "sleep_balance_hours": _balance,
    "sleep_debt_hours": lambda row: _figure(row.morning.debt),
    "strain_yesterday": lambda row: _newest(row.morning.strain_yesterday),
    "load_change_percent": lambda row: _figure(row.morning.load_change),
    "hooper_week": lambda row: _figure(row.morning.feeling),
    "quiet_days": lambda row: row.morning.quiet_days,
    "link": lambda row: row.person.link and row.person.link.standing,
    "last_sync": lambda row: in_utc(row.person.link.last_sync if row.person.link else None),
    "alerts": lambda row: row.alerts,
    "not_shared": lambda row: clients.withheld(row.morning.shares),
}
