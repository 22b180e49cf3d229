"""What storing a raw record asks for besides the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from coach.days.metrics import METRICS
from coach.whoop.payloads import (
    BodyMeasurement,
    Cycle,
    Payload,
    Problem,
    RecordKind,
    Recovery,
    Sleep,
    Workout,
)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record's key at WHOOP, and its times; a recovery has none but its sleep's."""

    provider_id: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    updated_at: datetime | None = None


def weight_kg(body: BodyMeasurement) -> float | None:
    """Take the weight if a person can weigh that."""
    weight = body.weight_kilogram
    return weight if METRICS["weight_kg"].accepts(weight) else None


def describe(
    kind: RecordKind, raw: Mapping[str, object], *, fetched_on: date
) -> tuple[RecordFacts | None, list[Problem]]:
    """Tell a record's key and times; None when it cannot be told from others.

    A body measurement has no id: it is known by the date on which it was fetched.
    """
    if kind is RecordKind.BODY_MEASUREMENT:
        return RecordFacts(provider_id=fetched_on.isoformat()), []
    record, problems = _SHAPES[kind].parse(raw)
    match record:
        case Recovery():
            return RecordFacts(str(record.sleep_id), updated_at=record.updated_at), problems
        case Cycle() | Sleep() | Workout():
            facts = RecordFacts(str(record.id), record.start, record.end, record.updated_at)
            return facts, problems
        case _:
            return None, problems


_SHAPES: Mapping[RecordKind, type[Payload]] = {
    RecordKind.CYCLE: Cycle,
    RecordKind.RECOVERY: Recovery,
    RecordKind.SLEEP: Sleep,
    RecordKind.WORKOUT: Workout,
}
