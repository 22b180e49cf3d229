"""What the exports of a client say by now: of each row, the one that stands.

The newest export wins, told by how far it reaches and not by when it was uploaded, so that an old
file brought in later never overwrites. What it does not hold means nothing. Only whole imports that
were applied and not undone count.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, Text, Uuid, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from coach.csv_import import mapping, settling
from coach.csv_import.headers import Kind
from coach.csv_import.mapping import Export
from coach.csv_import.models import Import, ImportRow, ImportState
from coach.csv_import.rows import (
    CycleRow,
    JournalRow,
    Row,
    SleepRow,
    WorkoutRow,
    cycle_key,
    from_parsed,
    many_from_json,
)
from coach.csv_import.settling import Standing
from coach.database.tenancy import current_organisation
from coach.days import deriving
from coach.days.deriving import ALL, Stretch
from coach.days.metrics import Source
from coach.days.telling import Told
from coach.extensions import db

A_DAY = timedelta(days=1)
OF_DAYS = (Kind.CYCLE, Kind.SLEEP, Kind.WORKOUT)
Stored = Select[str, str, dict[str, object], UUID]


@deriving.tells(Source.EXPORT)
def tell(client_id: UUID, stretch: Stretch) -> Told:
    """Tell what the standing rows say of a stretch of one client's life."""
    return _tell(client_id, imports_of(client_id), stretch)


def tell_with(client_id: UUID, import_id: UUID) -> tuple[Told, set[str]]:
    """Tell what the rows would say of days if one more import counted; and its cycles."""
    imports = imports_of(client_id, and_also=import_id)
    export = _export(client_id, imports, ALL, kinds=OF_DAYS)
    return mapping.tell_days(export), _cycles_of(client_id, import_id, export.moved)


def imports_of(client_id: UUID, *, and_also: UUID | None = None) -> list[UUID]:
    """List the imports that count, newest export first."""
    return list(
        db.session.scalars(
            select(Import.id)
            .where(
                Import.organisation_id == current_organisation(),
                Import.client_id == client_id,
                or_(Import.state == ImportState.DONE, Import.id == and_also),
            )
            # Of the same export as it came and saved by a spreadsheet, the exact one is believed.
            .order_by(Import.reaches_to.desc().nulls_last(), Import.seconds_lost, Import.id.desc())
        )
    )


def newest(client_id: UUID, imports: Sequence[UUID]) -> Stored:
    """Select kind, key, parsed values and import of the standing row of each key."""
    rank = func.array_position(cast(imports, ARRAY(Uuid)), ImportRow.import_id)
    columns = (ImportRow.kind, ImportRow.key, ImportRow.parsed, ImportRow.import_id)
    chosen = select(*columns).where(
        ImportRow.organisation_id == current_organisation(),
        ImportRow.client_id == client_id,
        ImportRow.import_id.in_(imports),
    )
    if len(imports) == 1:
        return chosen
    return chosen.ext(distinct_on(ImportRow.kind, ImportRow.key)).order_by(
        ImportRow.kind, ImportRow.key, rank
    )


def export_of(client_id: UUID, stretch: Stretch) -> Export:
    """Give the standing rows of all cycles that begin in a stretch."""
    return _export(client_id, imports_of(client_id), stretch)


def _tell(client_id: UUID, imports: Sequence[UUID], stretch: Stretch) -> Told:
    return mapping.tell(_export(client_id, imports, stretch))


def _export(
    client_id: UUID,
    imports: Sequence[UUID],
    stretch: Stretch,
    kinds: Collection[Kind] = tuple(Kind),
) -> Export:
    if not imports:
        return Export()
    stand = newest(client_id, imports).where(ImportRow.kind.in_(kinds))
    settled = settling.settle(_ranked(_within(stand, stretch), imports))
    rows = [row for row in settled.rows if _begins_in(row, stretch)]
    cycles = [row for row in rows if isinstance(row, CycleRow)]
    workouts = [row for row in rows if isinstance(row, WorkoutRow)]
    through = _known_through(client_id, imports)
    older = _Older(client_id, imports[1:])
    return Export(
        cycles=cycles,
        sleeps=[row for row in rows if isinstance(row, SleepRow)],
        workouts=older.complete(workouts),
        journal=[row for row in rows if isinstance(row, JournalRow)],
        nights=older.nights(cycles),
        sleeps_through=through.get(Kind.SLEEP),
        has_workouts=Kind.WORKOUT in through,
        moved=settled.moved,
    )


class _Older:
    """What the newest export left out: since November 2025, some nights and all distances."""

    def __init__(self, client_id: UUID, imports: Sequence[UUID]) -> None:
        self._client_id = client_id
        self._imports = imports

    def nights(self, cycles: Iterable[CycleRow]) -> dict[str, CycleRow]:
        """Find rows that surely show the night, for those that may show a nap."""
        doubted = [row.key for row in cycles if row.sleep_onset and row.sleep_consistency is None]
        rows = self._having("sleep_consistency", Kind.CYCLE, doubted)
        return {row.key: row for row in rows if isinstance(row, CycleRow)}

    def complete(self, workouts: Iterable[WorkoutRow]) -> list[WorkoutRow]:
        """Give workouts the distance and the climb that an older export had."""
        news = list(workouts)
        without = [row.key for row in news if row.distance is None]
        rows = self._having("distance", Kind.WORKOUT, without)
        known = {row.key: row for row in rows if isinstance(row, WorkoutRow)}
        return [_with_distance(row, known.get(row.key)) for row in news]

    def _having(self, name: str, kind: Kind, keys: Sequence[str]) -> Iterable[Row]:
        if not (self._imports and keys):
            return []
        which = (ImportRow.kind == kind, ImportRow.key.in_(keys), ImportRow.parsed.has_key(name))
        return _rows(newest(self._client_id, self._imports).where(*which))


def _with_distance(row: WorkoutRow, older: WorkoutRow | None) -> WorkoutRow:
    if older is None:
        return row
    return replace(
        row,
        distance=older.distance,
        altitude_gain=older.altitude_gain,
        altitude_change=older.altitude_change,
    )


def _within(stand: Stored, stretch: Stretch) -> Stored:
    """Leave out what begins outside; a sleep or workout begins a day after its cycle or two."""
    if stretch.since:
        stand = stand.where(ImportRow.starts_at >= stretch.since - A_DAY)
    if stretch.until:
        stand = stand.where(ImportRow.starts_at < stretch.until + A_DAY * 3)
    return stand


def _begins_in(row: Row, stretch: Stretch) -> bool:
    """Tell whether the cycle of a row begins in the stretch: cycles are told whole."""
    start = row.cycle_start_time
    return not (
        (stretch.since and start < stretch.since) or (stretch.until and start >= stretch.until)
    )


def _rows(chosen: Stored) -> list[Row]:
    return [from_parsed(Kind(kind), values) for kind, _, values, _ in db.session.execute(chosen)]


def _ranked(chosen: Stored, imports: Sequence[UUID]) -> list[Standing]:
    """Read the standing rows of each import and kind as one JSON array: there are thousands."""
    ranks = {import_id: rank for rank, import_id in enumerate(imports)}
    rows = chosen.subquery()
    together = func.jsonb_agg(rows.c.parsed).cast(Text)
    arrays = select(rows.c.import_id, rows.c.kind, together).group_by(rows.c.import_id, rows.c.kind)
    return [
        (ranks[import_id], row)
        for import_id, kind, array in db.session.execute(arrays)
        for row in many_from_json(Kind(kind), array)
    ]


def _cycles_of(client_id: UUID, import_id: UUID, moved: Mapping[datetime, datetime]) -> set[str]:
    """Name the cycles that an import speaks of, as they are known."""
    started = ImportRow.parsed["cycle_start_time"].astext.cast(DateTime(timezone=True))
    mine = select(started).where(
        ImportRow.organisation_id == current_organisation(),
        ImportRow.client_id == client_id,
        ImportRow.import_id == import_id,
    )
    starts = db.session.scalars(mine.distinct())
    return {cycle_key(moved.get(start, start)) for start in starts}


def _known_through(client_id: UUID, imports: Sequence[UUID]) -> dict[Kind, datetime]:
    """Say of each kind of row how far it reaches."""
    chosen = (
        select(ImportRow.kind, func.max(ImportRow.starts_at))
        .where(
            ImportRow.organisation_id == current_organisation(),
            ImportRow.client_id == client_id,
            ImportRow.import_id.in_(imports),
        )
        .group_by(ImportRow.kind)
    )
    return {Kind(kind): reach for kind, reach in db.session.execute(chosen) if reach}
