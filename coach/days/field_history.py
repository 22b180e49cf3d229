"""What became of one field of one day: every change, who made it and when."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select

from coach.accounts.models import Client, Membership
from coach.database.tenancy import current_organisation
from coach.days.codec import read
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


def _change(row: DayChange, name: str, client: Client) -> Change:
    return Change(
        at=row.created_at,
        old=_value(row.field, row.old),
        new=_value(row.field, row.new),
        source=Source(row.source),
        name=name,
        is_client=row.changed_by is not None and row.changed_by == client.user_id,
    )


def _value(field: str, written: str | None) -> Value:
    """Read a value back from the text that the history keeps."""
    if written is None or METRICS[field].kind in {"text", "time"}:
        return read(field, written)
    return float(written)
