"""Records as the JSON that WHOOP sends: milliseconds and `Z`, explicit nulls."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from uuid import UUID

from coach.simulator.records import Cycle

STEPS_SINCE = datetime(2026, 9, 23, tzinfo=UTC)


def payload(record: object, *, nulls: bool = True) -> dict[str, object]:
    """Turn a record into what the API sends; without `nulls`, what is absent is left out."""
    return {
        name: value for name, value in _members(record, nulls=nulls) if not _is_dated(record, name)
    }


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _members(record: object, *, nulls: bool) -> Iterator[tuple[str, object]]:
    if not is_dataclass(record):
        raise TypeError(f"{record!r} is not a record")
    for field in fields(record):
        value = _plain(getattr(record, field.name), nulls=nulls)
        if nulls or value is not None:
            yield field.name, value


def _plain(value: object, *, nulls: bool) -> object:
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value):
        return payload(value, nulls=nulls)
    return value


def _is_dated(record: object, name: str) -> bool:
    """Say whether this field was unknown when the record was made: old cycles have no steps."""
    return isinstance(record, Cycle) and name == "step_count" and record.start < STEPS_SINCE
