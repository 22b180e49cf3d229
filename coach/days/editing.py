"""What a person types: values that no device changes, until the person takes them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select

from coach.database.tenancy import current_organisation
from coach.days import readings
from coach.days.codec import as_text
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source, Value
from coach.days.models import DailyLog
from coach.days.store import lock, record
from coach.extensions import db


@dataclass(frozen=True, slots=True)
class UseDevice:
    """Take the typed value back: the device's value shows again at once."""


USE_DEVICE: Final = UseDevice()
Edit = Value | UseDevice


class Stale(Exception):
    """Somebody changed the day since it was opened; `newest` holds the version it has now."""

    def __init__(self, newest: int) -> None:
        super().__init__(f"the day is at version {newest} by now")
        self.newest = newest


class Impossible(Exception):
    """The value is outside what is physically possible; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Conflict(Exception):
    """Somebody typed into the same field since it was opened; the day's page shows both."""


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """What a person typed into one field; `seen` marks what had been typed when they looked."""

    name: str
    edit: Edit
    seen: str


def type_field(client_id: UUID, day: date, typed: FieldEdit, *, by: UUID) -> None:
    """Store what a person typed into one field, unless somebody else typed into it meanwhile.

    News of a device are no conflict, because what a person types stands above them. Raises
    Impossible and Conflict.
    """
    _refuse_impossible({typed.name: typed.edit})
    lock(client_id)
    if mark(_typed(client_id, day), typed.name) != typed.seen:
        raise Conflict
    _write(client_id, day, {typed.name: typed.edit}, by=by)


def mark(typed: Mapping[str, Value], name: str) -> str:
    """Mark what people have typed into a field, to tell later whether it changed."""
    if name not in typed:
        return "untyped"
    return sha256(f"{as_text(typed[name])}".encode()).hexdigest()[:16]


def type_values(
    client_id: UUID, day: date, edits: Mapping[str, Edit], *, by: UUID, version: int
) -> None:
    """Store what a person typed for one day, on top of what they typed before.

    None is empty on purpose. Raises Impossible for a value out of range and Stale when the day
    has another version than the one the person saw (0: no day yet).
    """
    _refuse_impossible(edits)
    lock(client_id)
    newest = _version(client_id, day)
    if newest != version:
        raise Stale(newest)
    _write(client_id, day, edits, by=by)


def say(client_id: UUID, day: date, edits: Mapping[str, Edit], *, by: UUID) -> None:
    """Store a person's newest word on fields of theirs, whatever version the day has."""
    lock(client_id)
    _write(client_id, day, edits, by=by)


def _write(client_id: UUID, day: date, edits: Mapping[str, Edit], *, by: UUID) -> None:
    values = _after(_typed(client_id, day), edits)
    if values:
        record(client_id, Source.MANUAL, {day: Reading(Source.MANUAL, values)}, by=by)
    else:
        record(client_id, Source.MANUAL, {}, silent=[day], by=by)


def _refuse_impossible(edits: Mapping[str, Edit]) -> None:
    for name, value in edits.items():
        metric = METRICS[name]
        known = value is None or isinstance(value, UseDevice) or metric.accepts(value)
        if not (metric.editable and known):
            raise Impossible(name)


def _typed(client_id: UUID, day: date) -> Mapping[str, Value]:
    typed = readings.of_day(client_id, day).get(Source.MANUAL)
    return typed.values if typed else {}


def _after(before: Mapping[str, Value], edits: Mapping[str, Edit]) -> dict[str, Value]:
    values = dict(before)
    for name, edit in edits.items():
        if isinstance(edit, UseDevice):
            values.pop(name, None)
        else:
            values[name] = edit
    return values


def _version(client_id: UUID, day: date) -> int:
    found = db.session.scalar(
        select(DailyLog.version).where(
            DailyLog.organisation_id == current_organisation(),
            DailyLog.client_id == client_id,
            DailyLog.date == day,
        )
    )
    return found or 0
