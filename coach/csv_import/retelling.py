"""The standing rows of all exports as the rows of one, which tells the same."""

from collections.abc import Iterator
from dataclasses import replace

from coach.csv_import.headers import Kind
from coach.csv_import.mapping import Export, Gathered, gather
from coach.csv_import.rows import (
    CycleRow,
    InCycle,
    Row,
    from_parsed,
    parsed,
)
from coach.csv_import.values import EFFORT, SLEEP


def retell(export: Export) -> Iterator[Row]:
    """Give rows that need no older export beside them, and no guess what was a nap."""
    for cycle in gather(export).values():
        if cycle.row:
            yield _with_its_night(cycle, cycle.row)
        yield from cycle.sleeps
        if cycle.is_nap and cycle.row and not any(sleep.nap for sleep in cycle.sleeps):
            yield _as_nap(cycle.row)
    yield from export.workouts
    yield from export.journal


def _with_its_night(cycle: Gathered, row: CycleRow) -> CycleRow:
    """Show the night where an older export did; what the day took is in the newest alone."""
    if not (cycle.is_nap and cycle.night):
        return row
    newest = {name: getattr(row, name) for name in (*InCycle.__slots__, *EFFORT)}
    return replace(cycle.night, **newest)


def _as_nap(row: CycleRow) -> Row:
    said = {name: value for name, value in parsed(row).items() if name in _OF_A_SLEEP}
    return from_parsed(Kind.SLEEP, {**said, "nap": True})


_OF_A_SLEEP = {*InCycle.__slots__, *SLEEP}
