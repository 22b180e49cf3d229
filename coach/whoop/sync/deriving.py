"""What WHOOP's stored records tell of a client, for the days to follow from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy import and_, func, or_, select

from coach.database.tenancy import current_organisation
from coach.days import deriving
from coach.days.deriving import Stretch
from coach.days.metrics import Source, Value
from coach.days.telling import Told
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


@deriving.tells(Source.WHOOP)
def tell(client_id: UUID, stretch: Stretch) -> Told:
    """Tell what the stored records say of a stretch of one client's life."""
    raws = _records(client_id, stretch)
    told, problems = mapping.tell(
        Cycle.parse_all(raws[RecordKind.CYCLE])[0],
        Sleep.parse_all(raws[RecordKind.SLEEP])[0],
        Recovery.parse_all(raws[RecordKind.RECOVERY])[0],
        Workout.parse_all(raws[RecordKind.WORKOUT])[0] if _workouts_granted(client_id) else None,
    )
    if problems:
        log.warning("records_with_problems", count=len(problems))
    return replace(told, by_date=_weights(raws[RecordKind.BODY_MEASUREMENT]))


def derive(client_id: UUID, *, since: datetime | None, until: datetime | None = None) -> int:
    """Derive the days from `since` to `until` (None: all) again because WHOOP has news.

    Returns how many days changed.
    """
    return deriving.derive(client_id, cause=Source.WHOOP, stretch=Stretch(since, until))


def _workouts_granted(client_id: UUID) -> bool:
    scopes = db.session.scalar(
        select(Integration.scopes).where(
            Integration.organisation_id == current_organisation(),
            Integration.client_id == client_id,
        )
    )
    return scopes is None or "read:workout" in scopes


def _records(client_id: UUID, stretch: Stretch) -> dict[RecordKind, list[RawRecord]]:
    """Read the raw records of a stretch by kind; whatever belongs to its cycles comes along."""
    mine = (
        WhoopRecord.organisation_id == current_organisation(),
        WhoopRecord.client_id == client_id,
        WhoopRecord.deleted_at.is_(None),
    )
    chosen = select(WhoopRecord.kind, WhoopRecord.raw, WhoopRecord.provider_id).where(*mine)
    if stretch.since or stretch.until:
        within = [WhoopRecord.starts_at >= stretch.since] if stretch.since else []
        within += [WhoopRecord.starts_at < stretch.until] if stretch.until else []
        cycles = select(WhoopRecord.provider_id).where(
            *mine, WhoopRecord.kind == RecordKind.CYCLE, *within
        )
        chosen = chosen.where(
            or_(
                and_(*within),
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


def _weights(measurements: Iterable[RawRecord]) -> dict[date, dict[str, Value]]:
    """Put each weight on the date it was fetched; WHOOP keeps no history of it."""
    weighed: dict[date, dict[str, Value]] = {}
    for raw in measurements:
        body, _ = BodyMeasurement.parse(raw)
        weight = mapping.weight_kg(body) if body else None
        if weight is not None:
            weighed[date.fromisoformat(str(raw["measured_on"]))] = {"weight_kg": weight}
    return weighed


def data_through(client_id: UUID, *, since: datetime) -> datetime | None:
    """Say up to when WHOOP has told us something: the newest word on a cycle begun since then."""
    return db.session.scalar(
        select(
            func.max(func.coalesce(WhoopRecord.provider_updated_at, WhoopRecord.starts_at))
        ).where(
            WhoopRecord.organisation_id == current_organisation(),
            WhoopRecord.client_id == client_id,
            WhoopRecord.kind == RecordKind.CYCLE,
            WhoopRecord.starts_at >= since,
        )
    )
