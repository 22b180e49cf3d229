"""From stored records to days: read a stretch of a client's records, map it, record it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select

from coach.database.tenancy import current_organisation
from coach.days import store
from coach.days.calendar import NEIGHBOURHOOD
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.whoop import mapping
from coach.whoop.models import Integration, WhoopRecord
from coach.whoop.payloads import (
    BodyMeasurement,
    Cycle,
    RawRecord,
    RecordKind,
    Recovery,
    Sleep,
    Workout,
)

log = structlog.get_logger()
A_DAY = timedelta(days=1)


def derive(client_id: UUID, *, since: datetime | None, workouts_granted: bool = True) -> int:
    """Derive the days from `since` on (None: all) from the stored records; returns the changed.

    Cycles of three more days before are read, because a day's owner depends on its neighbours,
    but no day before `since` is written.
    """
    store.lock(client_id)  # before reading: whoever writes last has read the newest records
    raws = _records(client_id, since - NEIGHBOURHOOD - A_DAY if since else None)
    workouts = Workout.parse_all(raws[RecordKind.WORKOUT])[0] if workouts_granted else None
    mapped = mapping.readings(
        Cycle.parse_all(raws[RecordKind.CYCLE])[0],
        Sleep.parse_all(raws[RecordKind.SLEEP])[0],
        Recovery.parse_all(raws[RecordKind.RECOVERY])[0],
        workouts,
    )
    days = _with_weights(mapped.days, raws[RecordKind.BODY_MEASUREMENT])
    if mapped.problems:
        log.warning("records_with_problems", count=len(mapped.problems))
    first = (since - A_DAY).date() if since else None
    chosen = {day: reading for day, reading in days.items() if first is None or day >= first}
    return store.record(client_id, Source.WHOOP, chosen, silent=_spoken_before(client_id, first))


def derive_again(client_id: UUID) -> int:
    """Derive all of a client's days from the stored records, without a call; returns the changed."""
    scopes = db.session.scalar(
        select(Integration.scopes).where(
            Integration.organisation_id == current_organisation(),
            Integration.client_id == client_id,
        )
    )
    granted = scopes is None or "read:workout" in scopes
    return derive(client_id, since=None, workouts_granted=granted)


def _records(client_id: UUID, since: datetime | None) -> dict[RecordKind, list[RawRecord]]:
    """Read the raw records of a stretch by kind; whatever belongs to its cycles comes along."""
    mine = (
        WhoopRecord.organisation_id == current_organisation(),
        WhoopRecord.client_id == client_id,
        WhoopRecord.deleted_at.is_(None),
    )
    chosen = select(WhoopRecord.kind, WhoopRecord.raw, WhoopRecord.provider_id).where(*mine)
    if since is not None:
        cycles = select(WhoopRecord.provider_id).where(
            *mine, WhoopRecord.kind == RecordKind.CYCLE, WhoopRecord.starts_at >= since
        )
        chosen = chosen.where(
            or_(
                WhoopRecord.starts_at >= since,
                WhoopRecord.cycle_id.in_(cycles),
                WhoopRecord.kind == RecordKind.BODY_MEASUREMENT,  # few, and without a time
            )
        )
    found: dict[RecordKind, list[RawRecord]] = defaultdict(list)
    for kind, raw, provider_id in db.session.execute(chosen.order_by(WhoopRecord.provider_id)):
        found[RecordKind(kind)].append(
            {**raw, "measured_on": provider_id} if _is_body(kind) else raw
        )
    return found


def _is_body(kind: str) -> bool:
    return kind == RecordKind.BODY_MEASUREMENT


def _with_weights(
    days: Mapping[date, Reading], measurements: list[RawRecord]
) -> dict[date, Reading]:
    """Put each weight on the date it was fetched; WHOOP keeps no history of it.

    It waits until that date has a cycle: a weight alone would look like a day without a night.
    """
    weighed = dict(days)
    for raw in measurements:
        body, _ = BodyMeasurement.parse(raw)
        weight = mapping.weight_kg(body) if body else None
        reading = weighed.get(day := date.fromisoformat(str(raw["measured_on"])))
        if weight is not None and reading is not None:
            weighed[day] = replace(reading, values={**reading.values, "weight_kg": weight})
    return weighed


def _spoken_before(client_id: UUID, first: date | None) -> list[date]:
    """List the dates of which WHOOP said something so far; what it says no more is cleared."""
    return store.dates_of(client_id, Source.WHOOP, since=first)


def data_through(client_id: UUID) -> datetime | None:
    """Say up to when WHOOP has told us something: the newest word on a cycle."""
    return db.session.scalar(
        select(
            func.max(func.coalesce(WhoopRecord.provider_updated_at, WhoopRecord.starts_at))
        ).where(
            WhoopRecord.organisation_id == current_organisation(),
            WhoopRecord.client_id == client_id,
            WhoopRecord.kind == RecordKind.CYCLE,
        )
    )
