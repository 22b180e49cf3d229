"""Cycles and recoveries, as WHOOP's API tells them."""

from datetime import date as Date  # noqa: N812  # as in the other files
from datetime import datetime, timedelta

from pydantic import Field
from sqlalchemy import ColumnElement, Interval, Select, and_, case, cast, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from coach.accounts.models import FieldGroup
from coach.api import clients, paging
from coach.api.clients import Looked
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Sparse, at
from coach.extensions import db
from coach.web.problems import Refused
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import Cycle, RecordKind, Recovery
from coach.whoop.payloads.shapes import CycleScore, RecoveryScore

TAG = "Records"
_Night, _Woken, _Scored = (aliased(WhoopRecord) for _ in range(3))


def _local_date(
    moment: ColumnElement[datetime | None] | InstrumentedAttribute[datetime | None],
    raw: InstrumentedAttribute[dict[str, object]],
) -> ColumnElement[Date]:
    """Read a date off the clock of the record's own place; of the world's where it names none."""
    said = raw["timezone_offset"].astext
    known = case((said.regexp_match("^[+-][0-9]{2}:[0-9]{2}$"), said), else_="+00:00")
    return func.date(func.timezone("UTC", moment) + cast(known, Interval))


def _same(one: type[WhoopRecord], kind: RecordKind) -> ColumnElement[bool]:
    """Say that another record of the client is of a kind."""
    return and_(
        one.organisation_id == WhoopRecord.organisation_id,
        one.client_id == WhoopRecord.client_id,
        one.kind == kind,
    )


_OF_NIGHT = and_(_same(_Night, RecordKind.SLEEP), _Night.provider_id == WhoopRecord.provider_id)
_DAY_OF_NIGHT = _local_date(_Night.ends_at, _Night.raw)
# A cycle begins with falling asleep: it is of the day on which the night it was scored from ended,
# and while there is none, of that twelve hours on.
_ITS_NIGHT = (
    _Woken,
    and_(
        _same(_Woken, RecordKind.SLEEP),
        _Woken.provider_id
        == select(_Scored.provider_id)
        .where(_same(_Scored, RecordKind.RECOVERY), _Scored.cycle_id == WhoopRecord.provider_id)
        .limit(1)
        .scalar_subquery(),
    ),
)
_DAY_OF_CYCLE = func.coalesce(
    _local_date(_Woken.ends_at, _Woken.raw),
    _local_date(WhoopRecord.starts_at + timedelta(hours=12), WhoopRecord.raw),
)


class OneCycle(Sparse):
    """From falling asleep to falling asleep; without an end while it runs."""

    id: str = Field(examples=["93845"])
    start_time: datetime | None
    end_time: datetime | None
    score_state: str = Field(examples=["SCORED"])
    strain: float | None = Field(description="0 to 21")
    energy_kj: float | None = Field(description="kJ")
    average_heart_rate: int | None = Field(description="bpm")
    max_heart_rate: int | None = Field(description="bpm")


class CyclePage(Page[OneCycle]):
    """Cycles, newest first."""


class OneRecovery(Sparse):
    """A recovery; its id is that of the night it was scored from."""

    id: str = Field(examples=["ecfc6a15-4661-442f-a9a4-f160dd7afae8"])
    cycle_id: str | None
    start_time: datetime | None = Field(description="when the night began")
    score_state: str = Field(examples=["SCORED"])
    calibrating: bool | None
    recovery_score: float | None = Field(description="%")
    hrv_rmssd: float | None = Field(description="ms")
    resting_heart_rate: float | None = Field(description="bpm")
    spo2: float | None = Field(description="%")
    skin_temp_celsius: float | None = Field(description="°C")


class RecoveryPage(Page[OneRecovery]):
    """Recoveries, newest first."""


@operation("/clients/<client_id>/cycles", Scope.READ_DAYS, CyclePage, tag=TAG)
def list_cycles(client_id: str, query: Chosen) -> CyclePage:
    """List cycles by their start, newest first; none when strain is not shared."""
    looked = clients.look(client_id, "cycles")
    chosen = _between(_cycles(looked).join(*_ITS_NIGHT, isouter=True), query, _DAY_OF_CYCLE)
    order = [WhoopRecord.starts_at, WhoopRecord.provider_id]
    found, cursor = paging.rows(chosen, order, query)
    return CyclePage(items=[_cycle(row) for row in found], next_cursor=cursor)


@operation("/clients/<client_id>/cycles/latest", Scope.READ_DAYS, OneCycle, tag=TAG)
def latest_cycle(client_id: str) -> OneCycle:
    """Give the newest cycle, which may be open."""
    looked = clients.look(client_id, "cycles")
    return _cycle(_first(_cycles(looked).order_by(WhoopRecord.starts_at.desc())))


@operation("/clients/<client_id>/cycles/<cycle_id>", Scope.READ_DAYS, OneCycle, tag=TAG)
def get_cycle(client_id: str, cycle_id: str) -> OneCycle:
    """Give one cycle."""
    looked = clients.look(client_id, "cycles")
    return _cycle(_first(_cycles(looked).where(_named(cycle_id))))


@operation("/clients/<client_id>/recoveries", Scope.READ_DAYS, RecoveryPage, tag=TAG)
def list_recoveries(client_id: str, query: Chosen) -> RecoveryPage:
    """List recoveries by the start of their nights, newest first; none when not shared."""
    looked = clients.look(client_id, "recoveries")
    chosen = _between(_recoveries(looked), query, _DAY_OF_NIGHT)
    found, cursor = paging.placed(chosen, [_Night.starts_at, WhoopRecord.provider_id], query)
    return RecoveryPage(
        items=[_recovery(row, place[0]) for row, place in found], next_cursor=cursor
    )


@operation("/clients/<client_id>/recoveries/latest", Scope.READ_DAYS, OneRecovery, tag=TAG)
def latest_recovery(client_id: str) -> OneRecovery:
    """Give the newest recovery."""
    looked = clients.look(client_id, "recoveries")
    newest = _recoveries(looked).order_by(_Night.starts_at.desc(), WhoopRecord.provider_id.desc())
    return _one_recovery(newest)


@operation("/clients/<client_id>/recoveries/<sleep_id>", Scope.READ_DAYS, OneRecovery, tag=TAG)
def get_recovery(client_id: str, sleep_id: str) -> OneRecovery:
    """Give the recovery of one night."""
    looked = clients.look(client_id, "recoveries")
    return _one_recovery(_recoveries(looked).where(_named(sleep_id)))


def _recovery(row: WhoopRecord, began: datetime | None) -> OneRecovery:
    """Write a recovery; what cannot be read of it is null."""
    told, _problems = Recovery.parse(row.raw)
    score = (told.score if told else None) or RecoveryScore()
    return OneRecovery.model_construct(
        id=row.provider_id,
        cycle_id=row.cycle_id,
        start_time=at(began) if began else None,
        score_state=told.score_state if told else "UNKNOWN",
        calibrating=score.user_calibrating,
        recovery_score=score.recovery_score,
        hrv_rmssd=score.hrv_rmssd_milli,
        resting_heart_rate=score.resting_heart_rate,
        spo2=score.spo2_percentage,
        skin_temp_celsius=score.skin_temp_celsius,
    )


def _cycle(row: WhoopRecord) -> OneCycle:
    told, _problems = Cycle.parse(row.raw)
    score = (told.score if told else None) or CycleScore()
    return OneCycle.model_construct(
        id=row.provider_id,
        start_time=at(row.starts_at) if row.starts_at else None,
        end_time=at(row.ends_at) if row.ends_at else None,
        score_state=told.score_state if told else "UNKNOWN",
        strain=score.strain,
        energy_kj=score.kilojoule,
        average_heart_rate=score.average_heart_rate,
        max_heart_rate=score.max_heart_rate,
    )


def _cycles(looked: Looked) -> Select[WhoopRecord]:
    seen = looked.sees(FieldGroup.STRAIN)
    return select(WhoopRecord).where(*_of(looked, RecordKind.CYCLE, seen=seen))


def _recoveries(looked: Looked) -> Select[WhoopRecord]:
    seen = looked.sees(FieldGroup.RECOVERY)
    return (
        select(WhoopRecord)
        .join(_Night, _OF_NIGHT)
        .where(*_of(looked, RecordKind.RECOVERY, seen=seen), _Night.starts_at.is_not(None))
    )


def _of(looked: Looked, kind: RecordKind, *, seen: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        WhoopRecord.organisation_id == looked.client.organisation_id,
        WhoopRecord.client_id == looked.client.id,
        WhoopRecord.kind == kind,
        WhoopRecord.deleted_at.is_(None),
        *(() if seen else (false(),)),
    )


def _named(name: str) -> ColumnElement[bool]:
    return WhoopRecord.provider_id == name.replace("\0", "")


def _between(
    chosen: Select[WhoopRecord], asked: Chosen, day: ColumnElement[Date]
) -> Select[WhoopRecord]:
    if asked.start_date:
        chosen = chosen.where(day >= asked.start_date)
    return chosen.where(day <= asked.end_date) if asked.end_date else chosen


def _first(chosen: Select[WhoopRecord]) -> WhoopRecord:
    found = db.session.scalar(chosen.limit(1))
    if found is None:
        raise Refused(404)
    return found


def _one_recovery(chosen: Select[WhoopRecord]) -> OneRecovery:
    found = db.session.execute(chosen.add_columns(_Night.starts_at).limit(1)).one_or_none()
    if found is None:
        raise Refused(404)
    return _recovery(found[0], found[1])
