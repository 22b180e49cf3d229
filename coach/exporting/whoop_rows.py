"""A client's life as rows of WHOOP's own export, from whichever source it came.

Both sources together tell one life: the API's finer values, and what only an upload has. Values
that people typed are not among them; they are nothing a device said.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from coach.csv_import import retelling, standing
from coach.csv_import.headers import Kind
from coach.csv_import.models import ImportRow
from coach.csv_import.rows import SHAPES, Row, from_parsed
from coach.database.tenancy import current_organisation
from coach.days.deriving import Stretch
from coach.days.meeting import meet
from coach.exporting import api_rows
from coach.extensions import db
from coach.whoop.models import WhoopRecord
from coach.whoop.sync import deriving

STEP = timedelta(days=60)
_ENDS = {
    Kind.CYCLE: "cycle_end_time",
    Kind.SLEEP: "wake_onset",
    Kind.WORKOUT: "workout_end_time",
}


def stretches(client_id: UUID) -> list[Stretch]:
    """Cut what is known of a client into stretches that are small enough to be read at once."""
    ends = [end for end in (*_reach(ImportRow, client_id), *_reach(WhoopRecord, client_id)) if end]
    if not ends:
        return []
    first = min(ends) - timedelta(days=3)  # a sleep or a workout begins later than its cycle
    steps = (max(ends) - first) // STEP + 1
    return [Stretch(first + STEP * at, first + STEP * (at + 1)) for at in range(steps)]


def rows(client_id: UUID, stretch: Stretch, kind: Kind) -> list[Row]:
    """Give one file's rows of the cycles that begin in a stretch, by when what they tell began."""
    wider = stretch.wider()
    uploaded = list(retelling.retell(standing.export_of(client_id, wider)))
    told = api_rows.rows_of(deriving.tell(client_id, wider))
    found = [
        row
        for row in _merged(told, uploaded, {Kind.CYCLE, kind})
        if row.kind is kind and _begins_in(row.cycle_start_time, stretch)
    ]
    return sorted(found, key=_begun)


def _reach(table: type[ImportRow | WhoopRecord], client_id: UUID) -> Sequence[datetime | None]:
    first, last = func.min(table.starts_at), func.max(table.starts_at)
    mine = (table.organisation_id == current_organisation(), table.client_id == client_id)
    return tuple(db.session.execute(select(first, last).where(*mine)).one())


def _begins_in(moment: datetime, stretch: Stretch) -> bool:
    return bool(stretch.since and stretch.until and stretch.since <= moment < stretch.until)


def _begun(row: Row) -> tuple[datetime, str]:
    return row.starts_at, row.key


@dataclass(frozen=True, slots=True)
class _Span:
    """A row as something that lasted, so that it can meet another source's."""

    key: str
    started_at: datetime
    ended_at: datetime | None
    row: Row


def _merged(told: Sequence[Row], uploaded: Sequence[Row], kinds: Collection[Kind]) -> Iterator[Row]:
    """Let rows of both sources meet; all of a cycle follows to the start that is believed."""
    moved: dict[datetime, datetime] = {}
    for kind in (it for it in Kind if it in kinds):  # the cycles first
        finer, coarser = (_spans(kind, them) for them in (told, uploaded))
        for group in meet(finer, coarser):
            row = _as_one([span.row for span in group])
            if kind is Kind.CYCLE:
                moved |= {span.started_at: row.cycle_start_time for span in group}
            start = row.cycle_start_time
            yield replace(row, cycle_start_time=moved.get(start, start))


def _spans(kind: Kind, those: Sequence[Row]) -> list[_Span]:
    of_kind = [row for row in those if row.kind is kind]
    return [_Span(row.key, row.starts_at, _end(row), row) for row in of_kind]


def _end(row: Row) -> datetime | None:
    end = getattr(row, _ENDS.get(row.kind, ""), None)
    return end if isinstance(end, datetime) else None


def _as_one(those: Sequence[Row]) -> Row:
    """Believe the finer source; what it does not know, the other fills."""
    if len(those) == 1:
        return those[0]
    finer, coarser = those
    return from_parsed(finer.kind, {**_known(coarser), **_known(finer)})


def _known(row: Row) -> dict[str, object]:
    said = {field.name: getattr(row, field.name) for field in fields(SHAPES[row.kind])}
    return {name: value for name, value in said.items() if value is not None}
