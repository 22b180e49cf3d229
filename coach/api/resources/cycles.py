"""Cycles and recoveries, as WHOOP's API tells them."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, and_, false, select
from sqlalchemy.orm import aliased

from coach.accounts.models import FieldGroup
from coach.api import clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.clients import Looked
from coach.api.operations import operation
from coach.api.record_days import DAYS
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Sparse, at
from coach.extensions import db
from coach.web.problems import Refused
from coach.whoop.mapping.values import offset_of
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import Cycle, RecordKind, Recovery
from coach.whoop.payloads.shapes import CycleScore, RecoveryScore

TAG = "Records"
_Night = aliased(WhoopRecord)
_OF_NIGHT = and_(
    _Night.organisation_id == WhoopRecord.organisation_id,
    _Night.client_id == WhoopRecord.client_id,
    _Night.kind == RecordKind.SLEEP,
    _Night.provider_id == WhoopRecord.provider_id,
)


_BESIDE = [_Night.raw["timezone_offset"].astext, DAYS[RecordKind.RECOVERY]]


class OneCycle(Sparse):
    """From falling asleep to falling asleep; without an end while it runs."""

    id: str = Field(examples=["93845"])
    date: Date | None = Field(description="the day it belongs to")
    start_time: datetime | None = Field(examples=["2026-05-13T23:04:00+02:00"])
    end_time: datetime | None
    score_state: str = Field(examples=["SCORED"])
    strain: float | None = Field(description="0 to 21")
    energy_kj: float | None = Field(description="kJ")
    average_heart_rate: int | None = Field(description="bpm")
    max_heart_rate: int | None = Field(description="bpm")
    step_count: int | None


class CyclePage(Page[OneCycle]):
    """Cycles, newest first."""


class OneRecovery(Sparse):
    """A recovery; its id is that of the night it was scored from."""

    id: str = Field(examples=["ecfc6a15-4661-442f-a9a4-f160dd7afae8"])
    cycle_id: str | None
    date: Date | None = Field(description="the day it belongs to")
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
    chosen = _cycles(looked).where(*of_dates(DAYS[RecordKind.CYCLE], query))
    order = [WhoopRecord.starts_at, WhoopRecord.provider_id]
    found, cursor = paging.placed(chosen, order, query, beside=[DAYS[RecordKind.CYCLE]])
    return CyclePage(items=[_cycle(row, day) for row, (*_, day) in found], next_cursor=cursor)


@operation("/clients/<client_id>/cycles/latest", Scope.READ_DAYS, OneCycle, tag=TAG)
def latest_cycle(client_id: str) -> OneCycle:
    """Give the newest cycle, which may be open."""
    looked = clients.look(client_id, "cycles")
    return _one_cycle(_cycles(looked).order_by(WhoopRecord.starts_at.desc()))


@operation("/clients/<client_id>/cycles/<cycle_id>", Scope.READ_DAYS, OneCycle, tag=TAG)
def get_cycle(client_id: str, cycle_id: str) -> OneCycle:
    """Give one cycle."""
    looked = clients.look(client_id, "cycles")
    return _one_cycle(_cycles(looked).where(_named(cycle_id)))


@operation("/clients/<client_id>/recoveries", Scope.READ_DAYS, RecoveryPage, tag=TAG)
def list_recoveries(client_id: str, query: Chosen) -> RecoveryPage:
    """List recoveries by the start of their nights, newest first; none when not shared."""
    looked = clients.look(client_id, "recoveries")
    chosen = _recoveries(looked).where(*of_dates(DAYS[RecordKind.RECOVERY], query))
    order = [_Night.starts_at, WhoopRecord.provider_id]
    found, cursor = paging.placed(chosen, order, query, beside=_BESIDE)
    items = [_recovery(row, began, where, day) for row, (began, _, where, day) in found]
    return RecoveryPage(items=items, next_cursor=cursor)


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


def _recovery(
    row: WhoopRecord, began: datetime, where: str | None, day: Date | None
) -> OneRecovery:
    """Write a recovery; what cannot be read of it is null."""
    told, _problems = Recovery.parse(row.raw)
    score = (told.score if told else None) or RecoveryScore()
    return OneRecovery.model_construct(
        id=row.provider_id,
        cycle_id=row.cycle_id,
        date=day,
        start_time=at(began, offset_of(where)),
        score_state=told.score_state if told else "UNKNOWN",
        calibrating=score.user_calibrating,
        recovery_score=score.recovery_score,
        hrv_rmssd=score.hrv_rmssd_milli,
        resting_heart_rate=score.resting_heart_rate,
        spo2=score.spo2_percentage,
        skin_temp_celsius=score.skin_temp_celsius,
    )


def _cycle(row: WhoopRecord, day: Date) -> OneCycle:
    told, _problems = Cycle.parse(row.raw)
    score = (told.score if told else None) or CycleScore()
    here = offset_of(told.timezone_offset) if told else None
    return OneCycle.model_construct(
        id=row.provider_id,
        date=day,
        start_time=at(row.starts_at, here) if row.starts_at else None,
        end_time=at(row.ends_at, here) if row.ends_at else None,
        score_state=told.score_state if told else "UNKNOWN",
        strain=score.strain,
        energy_kj=score.kilojoule,
        average_heart_rate=score.average_heart_rate,
        max_heart_rate=score.max_heart_rate,
        step_count=told.step_count if told else None,
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
        *theirs(WhoopRecord, looked.client),
        WhoopRecord.kind == kind,
        WhoopRecord.deleted_at.is_(None),
        *(() if seen else (false(),)),
    )


def _named(name: str) -> ColumnElement[bool]:
    return WhoopRecord.provider_id == name.replace("\0", "")


def _one_cycle(chosen: Select[WhoopRecord]) -> OneCycle:
    row, day = _first(chosen.add_columns(DAYS[RecordKind.CYCLE]))
    return _cycle(row, day)


def _one_recovery(chosen: Select[WhoopRecord]) -> OneRecovery:
    return _recovery(*_first(chosen.add_columns(_Night.starts_at, *_BESIDE)))


def _first(chosen: Select[*tuple[Any, ...]]) -> Row[*tuple[Any, ...]]:
    found = db.session.execute(chosen.limit(1)).one_or_none()
    if found is None:
        raise Refused(404)
    return found
