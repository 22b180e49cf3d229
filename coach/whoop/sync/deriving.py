"""What WHOOP's stored records tell of a client, for the days to follow from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import structlog
from sqlalchemy import and_, bindparam, or_, select

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

BEGINNING, END = (each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max))  # noqa: DTZ901
# Every sync asks these, so they are built once.
_OURS = (
    WhoopRecord.organisation_id == bindparam("owner"),
    WhoopRecord.client_id == bindparam("client"),
)
_LIVING = (*_OURS, WhoopRecord.deleted_at.is_(None))
_SPAN = (WhoopRecord.starts_at >= bindparam("since"), WhoopRecord.starts_at < bindparam("until"))
_ALL = (
    select(WhoopRecord.kind, WhoopRecord.raw, WhoopRecord.provider_id)
    .where(*_LIVING)
    .order_by(WhoopRecord.provider_id)
)
_CYCLES = select(WhoopRecord.provider_id).where(
    *_LIVING, WhoopRecord.kind == RecordKind.CYCLE, *_SPAN
)
_WITHIN = _ALL.where(
    or_(
        and_(*_SPAN),
        WhoopRecord.cycle_id.in_(_CYCLES),
        WhoopRecord.kind == RecordKind.BODY_MEASUREMENT,  # few, and without a time
    )
)
_SCOPES = select(Integration.scopes).where(
    Integration.organisation_id == bindparam("owner"), Integration.client_id == bindparam("client")
)


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
    scopes = db.session.connection().scalar(_SCOPES, _mine(client_id))
    return scopes is None or "read:workout" in scopes


def _records(client_id: UUID, stretch: Stretch) -> dict[RecordKind, list[RawRecord]]:
    """Read the raw records of a stretch by kind; whatever belongs to its cycles comes along."""
    within = {"since": stretch.since or BEGINNING, "until": stretch.until or END}
    chosen = _WITHIN if stretch.since or stretch.until else _ALL
    found: dict[RecordKind, list[RawRecord]] = defaultdict(list)
    rows = db.session.connection().execute(chosen, {**_mine(client_id), **within})
    for kind, raw, provider_id in rows:
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


def _mine(client_id: UUID) -> dict[str, object]:
    return {"owner": current_organisation(), "client": client_id}
