"""Which rows of several exports tell of the same, though their times differ (pure).

A copy that a spreadsheet saved has lost its seconds, and a member may have edited a night between
two exports. What the files say of the same then meets as the export meets WHOOP's API: by the second
it began at, else by sharing more than half of the longer. The most believed file's row stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TypeAlias

from coach.csv_import.headers import Kind
from coach.csv_import.rows import Row
from coach.days.meeting import meet

Standing: TypeAlias = tuple[int, Row]  # how far its import is from the most believed, and the row
_ENDS = {Kind.SLEEP: "wake_onset", Kind.WORKOUT: "workout_end_time"}


@dataclass(frozen=True, slots=True)
class _Span:
    """Something that lasted, by the name under which it is known."""

    key: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """One row of each thing; `moved` tells of cycles that stand under another start."""

    rows: list[Row]
    moved: Mapping[datetime, datetime]


def settle(rows: Iterable[Standing]) -> Settled:
    """Leave of each thing the row that stands, in the cycle by which all files know it.

    The rank of what is believed most is the lowest.
    """
    believed = sorted(rows, key=_by_belief)
    moved = _same_cycles(believed)
    if not moved and (not believed or believed[0][0] == believed[-1][0]):
        return Settled([row for _, row in believed], moved)
    by_key: dict[tuple[Kind, str], Standing] = {}
    for rank, row in believed:
        stands = _moved(row, moved)
        by_key.setdefault((row.kind, stands.key), (rank, stands))
    files = groupby(sorted(by_key.values(), key=_kind), key=_kind)
    return Settled([it for _, some in files for it in _alone(list(some))], moved)


def _by_belief(standing: Standing) -> tuple[int, Kind]:
    return standing[0], standing[1].kind


def _same_cycles(rows: Iterable[Standing]) -> dict[datetime, datetime]:
    """Say under which start the cycle is known that a file lets begin at another.

    The files of one upload may differ too, when only some were saved by a spreadsheet.
    """
    known: dict[datetime, datetime | None] = {}
    moved: dict[datetime, datetime] = {}
    for _, some in groupby(rows, key=_by_belief):
        news = {row.cycle_start_time: row.cycle_end_time for _, row in some}
        seen = known.keys() | moved.keys()
        fresh = {start: end for start, end in news.items() if start not in seen}
        pairs = _meetings(_cycles(known), _cycles(fresh)) if known and fresh else {}
        moved |= {start: to.started_at for start, to in pairs.items()}
        known |= {start: end for start, end in fresh.items() if start not in pairs}
    return moved


def _cycles(them: Mapping[datetime, datetime | None]) -> list[_Span]:
    return [_Span(start.isoformat(), start, end) for start, end in them.items()]


def _meetings(believed: Sequence[_Span], others: Sequence[_Span]) -> dict[datetime, _Span]:
    """Give, by the start of the other, those that meet one that is believed."""
    groups = meet(believed, others)
    return {group[1].started_at: group[0] for group in groups if len(group) > 1}


def _moved(row: Row, moved: Mapping[datetime, datetime]) -> Row:
    start = moved.get(row.cycle_start_time)
    return row if start is None else replace(row, cycle_start_time=start)


def _rank(standing: Standing) -> int:
    return standing[0]


def _kind(standing: Standing) -> Kind:
    return standing[1].kind


def _alone(rows: Sequence[Standing]) -> list[Row]:
    """Leave out what meets a row of a more believed import; cycles and answers have met by key."""
    if rows[0][1].kind not in _ENDS:
        return [row for _, row in rows]
    left: list[Row] = []
    for _, some in groupby(rows, key=_rank):
        news = [row for _, row in some]
        met = _meetings(_spans(left), _spans(news)) if left else {}
        left += [row for row in news if row.starts_at not in met]
    return left


def _spans(rows: Iterable[Row]) -> list[_Span]:
    return [_Span(row.key, row.starts_at, _end(row)) for row in rows]


def _end(row: Row) -> datetime | None:
    end = getattr(row, _ENDS[row.kind])
    return end if isinstance(end, datetime) else None
