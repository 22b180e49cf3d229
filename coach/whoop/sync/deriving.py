"""What WHOOP's stored records tell of a client, for the days to follow from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import structlog
from sqlalchemy import Executable, and_, bindparam, literal, or_, select, union_all

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
_ALL = select(WhoopRecord.kind, WhoopRecord.raw, WhoopRecord.provider_id).where(*_LIVING)
_CYCLES = select(WhoopRecord.provider_id).where(
    *_LIVING, WhoopRecord.kind == RecordKind.CYCLE, *_SPAN
)
_SOME = _ALL.where(
    or_(
        and_(*_SPAN),
        WhoopRecord.cycle_id.in_(_CYCLES),
        WhoopRecord.kind == RecordKind.BODY_MEASUREMENT,  # few, and without a time
    )
)
# What the link allows comes along as if it were a record.
_SCOPES = "scopes"
_GRANTED = select(literal(_SCOPES), Integration.scopes, literal("")).where(
    Integration.organisation_id == bindparam("owner"), Integration.client_id == bindparam("client")
)
_WHOLE: Executable = union_all(_ALL, _GRANTED).order_by("provider_id")
_WITHIN: Executable = union_all(_SOME, _GRANTED).order_by("provider_id")


@deriving.tells(Source.WHOOP)
def tell(client_id: UUID, stretch: Stretch) -> Told:
    """Tell what the stored records say of a stretch of one client's life."""
    raws, workouts_granted = _records(client_id, stretch)
    told, problems = mapping.tell(
        Cycle.parse_all(raws[RecordKind.CYCLE])[0],
        Sleep.parse_all(raws[RecordKind.SLEEP])[0],
        Recovery.parse_all(raws[RecordKind.RECOVERY])[0],
        Workout.parse_all(raws[RecordKind.WORKOUT])[0] if workouts_granted else None,
    )
    if problems:
        log.warning("records_with_problems", count=len(problems))
    return replace(told, by_date=_weights(raws[RecordKind.BODY_MEASUREMENT]))


def derive(client_id: UUID, *, since: datetime | None, until: datetime | None = None) -> int:
    """Derive the days from `since` to `until` (None: all) again because WHOOP has news.

    Returns how many days changed.
    """
    return deriving.derive(client_id, cause=Source.WHOOP, stretch=Stretch(since, until))


def _records(client_id: UUID, stretch: Stretch) -> tuple[dict[str, list[RawRecord]], bool]:
    """Read the raw records of a stretch by kind, and whether workouts are granted.

    Whatever belongs to the cycles of the stretch comes along.
    """
    within = {"since": stretch.since or BEGINNING, "until": stretch.until or END}
    chosen = _WITHIN if stretch.since or stretch.until else _WHOLE
    found: dict[str, list[RawRecord]] = defaultdict(list)
    granted = True
    for kind, raw, provider_id in db.session.connection().execute(
        chosen, {**_mine(client_id), **within}
    ):
        if kind == _SCOPES:
            granted = raw is None or "read:workout" in raw
        else:
            found[kind].append({**raw, "measured_on": provider_id} if _is_body(kind) else raw)
    return found, granted


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
