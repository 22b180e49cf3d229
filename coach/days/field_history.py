"""What became of one field of one day: every change, who made it and when."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, select

from coach.accounts.models import Client, Membership
from coach.database.tenancy import current_organisation
from coach.days import readings
from coach.days.codec import as_text, read
from coach.days.editing import USE_DEVICE, Edit
from coach.days.metrics import METRICS, Source, Value
from coach.days.models import DayChange
from coach.extensions import db


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a field; `name` is empty for a device, and for who is here no more."""

    at: datetime
    old: Value
    new: Value
    source: Source
    name: str
    user_id: UUID | None
    is_client: bool


def of_field(client: Client, day: date, name: str) -> list[Change]:
    """List what became of a field, newest first; the caller found the client by the viewer."""
    person = and_(
        Membership.organisation_id == DayChange.organisation_id,
        Membership.user_id == DayChange.changed_by,
    )
    rows = db.session.execute(
        select(DayChange, Membership.name)
        .join(Membership, person, isouter=True)
        .where(
            DayChange.organisation_id == current_organisation(),
            DayChange.client_id == client.id,
            DayChange.date == day,
            DayChange.field == name,
        )
        .order_by(DayChange.created_at.desc(), DayChange.id.desc())
    )
    return [_change(change, who or "", client) for change, who in rows]


def before_others(client: Client, day: date, name: str, *, than: UUID) -> Edit:
    """Find what a person's own word on a field was, before others typed over it.

    Whoever never typed there, or gave it back to the device, gets the device's value: the history
    holds what was shown, so a word that is no different from the device's counts as none.
    """
    typed = [change for change in of_field(client, day, name) if change.user_id is not None]
    mine = next((at for at, change in enumerate(typed) if change.user_id == than), 0)
    if mine == 0 or typed[mine - 1].old != typed[mine].new:
        return USE_DEVICE
    said = typed[mine].new
    return USE_DEVICE if as_text(said) == _device_says(client, day, name) else said


def _device_says(client: Client, day: date, name: str) -> str | None:
    said = readings.of_day(client.id, day)
    spoke = [it for it in (Source.WHOOP, Source.EXPORT) if it in said and name in said[it].values]
    return as_text(said[spoke[0]].values[name]) if spoke else None


def _change(row: DayChange, name: str, client: Client) -> Change:
    return Change(
        at=row.created_at,
        old=_value(row.field, row.old),
        new=_value(row.field, row.new),
        source=Source(row.source),
        name=name,
        user_id=row.changed_by,
        is_client=row.changed_by is not None and row.changed_by == client.user_id,
    )


def _value(field: str, written: str | None) -> Value:
    """Read a value back from the text that the history keeps."""
    if written is None or METRICS[field].kind in {"text", "time"}:
        return read(field, written)
    return float(written)
