"""The roster and one client's summary: how they stand this morning, and why to look."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from uuid import UUID

from flask import g
from pydantic import Field

from coach.accounts import audit
from coach.accounts.models import Role
from coach.api import auth, clients
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Page, Said, Sparse, in_utc
from coach.dashboard import roster
from coach.dashboard.roster import RosterRow
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.insights.morning import Dated, HrvMorning, Reason
from coach.insights.signals import Signal
from coach.insights.words import in_words
from coach.science.series import Figure
from coach.web.problems import invalid

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
    cursor: str | None = Field(None, pattern="^[1-9][0-9]{0,2}$")
    date: Date | None = None
    state: Bucket = Bucket.ALL
    sort: Sort = Sort.NEED
    search: str = Field("", max_length=100)
    fields: str | None = Field(None, max_length=1000)


@operation("/roster", Scope.READ_ROSTER, RosterPage, tag=TAG)
def get_roster(query: Asked) -> RosterPage:
    """List every client the caller may know of with their morning, in one call."""
    auth.only(Role.OWNER, Role.COACH, service=True)
    page = int(query.cursor or 1)
    wanted = Wanted(
        search=query.search, bucket=query.state, sort=query.sort, day=query.date, page=page
    )
    found = roster.for_viewer(auth.caller(), wanted, now=g.asked_at, page_rows=query.limit)
    if page > found.pages:
        raise invalid("cursor", "is not a cursor of this list")
    seen = [row.id for row in found.rows if row.morning.shares]
    audit.roster_viewed(seen, by=auth.caller().user_id)
    following = str(page + 1) if page < found.pages else None
    return RosterPage(items=[_row(row) for row in found.rows], next_cursor=following)


@operation("/clients/<client_id>/summary", Scope.READ_DAYS, MorningRow, tag=TAG)
def get_summary(client_id: str) -> MorningRow:
    """Say how one client stands today, as on the dashboard."""
    looked = clients.look(client_id, "summary")
    return _row(roster.of_client(auth.caller(), looked.client, None, now=g.asked_at))


def _row(row: RosterRow) -> MorningRow:
    it = row.morning
    hrv = it.hrv if isinstance(it.hrv, HrvMorning) else None
    return MorningRow.model_construct(
        client_id=row.id,
        name=row.name,
        date=row.day,
        state=it.state,
        reasons=[
            Why.model_construct(kind=_kind(each), words=in_words(each)) for each in it.reasons
        ],
        recovery_score=_newest(it.recovery),
        hrv_week_ms=hrv.week.value if hrv else None,
        hrv_low_ms=hrv.range.value if hrv else None,
        hrv_high_ms=hrv.high_ms if hrv else None,
        hrv_position=hrv.position if hrv else None,
        resting_heart_rate=_newest(it.resting_heart_rate),
        rhr_drift_bpm=_figure(it.drift),
        sleep_hours=_newest(it.night),
        sleep_balance_hours=it.balance if isinstance(it.balance, float) else None,
        sleep_debt_hours=_figure(it.debt),
        strain_yesterday=_newest(it.strain_yesterday),
        load_change_percent=_figure(it.load_change),
        hooper_week=_figure(it.feeling),
        quiet_days=it.quiet_days,
        link=row.link.standing if row.link else None,
        last_sync=in_utc(row.link.last_sync) if row.link else None,
        alerts=row.alerts,
        not_shared=clients.withheld(it.shares),
    )


def _kind(reason: Reason) -> str:
    return reason.name.value if isinstance(reason, Signal) else type(reason).__name__.lower()


def _newest(shown: object) -> Newest | None:
    if not isinstance(shown, Dated):
        return None
    return Newest.model_construct(value=shown.value, date=shown.date, doubtful=shown.doubtful)


def _figure(shown: object) -> float | None:
    return shown.value if isinstance(shown, Figure) else None
