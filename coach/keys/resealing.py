"""Seals everything with the newest key, while everybody goes on working.

Rows are read without a lock and sealed outside of any transaction. Then a batch is written by one
statement that changes only rows which still hold what was read, and passes over rows that somebody
holds (a token that is being renewed, say): a later round looks at those again. So it may be killed
at any moment and begun again, and no reader ever waits or finds a value it cannot open.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text

from coach.keys.columns import SEALED, Row, SealedColumn, rows_of
from coach.sealing import DoesNotOpen, Sealer
from coach.sealing.sealer import parts_of

# A row is held for as long as WHOOP is asked; after so many rounds somebody holds it on purpose.
ROUNDS = 30
BETWEEN_ROUNDS_SECONDS = 2.0

Watch = Callable[[int], None]


@dataclass(slots=True)
class Told:
    """How it went: rows sealed anew, rows that were busy to the end, rows that do not open."""

    resealed: int = 0
    busy: int = 0
    unreadable: list[str] = field(default_factory=list)


def reseal(engine: Engine, sealer: Sealer, *, watch: Watch = lambda _rows: None) -> Told:
    """Seal every value of the installation with the newest key; raises KeysAway.

    `engine` is of the role that owns the tables. `watch` is told of rows as they are dealt with.
    """
    told = Told()
    for number in range(ROUNDS):
        if number:
            time.sleep(BETWEEN_ROUNDS_SECONDS)
        told.busy, told.unreadable = 0, []
        for column in SEALED:
            _reseal_column(engine, sealer, column, told, watch)
        if not told.busy:
            break
    return told


def uses(engine: Engine) -> Counter[str]:
    """Count the sealed values by the id of their key."""
    found: Counter[str] = Counter()
    with engine.connect() as connection:
        for column in SEALED:
            for page in rows_of(connection, column):
                for row in page:
                    found.update(parts_of(each)[1] for each in column.values_in(row["stored"]))
    return found


def older(engine: Engine, sealer: Sealer) -> int:
    """Count the rows that are not sealed with the newest key."""
    with engine.connect() as connection:
        return sum(
            _is_older(column, row, sealer)
            for column in SEALED
            for page in rows_of(connection, column)
            for row in page
        )


def _reseal_column(
    engine: Engine, sealer: Sealer, column: SealedColumn, told: Told, watch: Watch
) -> None:
    with engine.connect() as reading, engine.connect() as writing:
        for page in rows_of(reading, column):
            fresh = [(row, new) for row in page if (new := _sealed_anew(column, row, sealer, told))]
            done = _write(writing, column, fresh) if fresh else 0
            told.resealed += done
            told.busy += len(fresh) - done
            watch(done)


def _sealed_anew(column: SealedColumn, row: Row, sealer: Sealer, told: Told) -> str | None:
    if not _is_older(column, row, sealer):
        return None
    place = column.place_of(row)
    try:
        return column.with_values(
            row["stored"], lambda each: sealer.seal(sealer.open(each, place=place), place=place)
        )
    except DoesNotOpen:
        told.unreadable.append(f"{column.name} {place}")
        return None


def _is_older(column: SealedColumn, row: Row, sealer: Sealer) -> bool:
    return any(parts_of(each)[1] != sealer.newest for each in column.values_in(row["stored"]))


def _write(connection: Connection, column: SealedColumn, fresh: list[tuple[Row, str]]) -> int:
    """Write a batch, but only rows that are free and still hold what was read; how many."""
    values: dict[str, object] = {
        name: [row[name] for row, _ in fresh] for name in (*column.key, "stored")
    }
    values["new"] = [new for _, new in fresh]
    with connection.begin():
        return connection.execute(text(_statement(column)), values).rowcount


def _statement(column: SealedColumn) -> str:
    key = ", ".join(f"CAST(:{name} AS uuid[])" for name in column.key)
    same = " AND ".join(f"t.{name} = told.{name}" for name in column.key)
    mine = " AND ".join(f"t.{name} = free.{name}" for name in column.key)
    names = ", ".join(f"told.{name}" for name in column.key)
    return (
        f"WITH told AS (SELECT * FROM unnest({key}, CAST(:stored AS text[]), CAST(:new AS text[]))"  # noqa: S608  # names of our own
        f" AS told({', '.join(column.key)}, stored, new)),"
        f" free AS (SELECT {names}, told.new FROM {column.table} t JOIN told ON {same}"
        f" AND t.{column.column} = CAST(told.stored AS {column.type})"
        f" FOR NO KEY UPDATE OF t SKIP LOCKED)"
        f" UPDATE {column.table} t SET {column.column} = CAST(free.new AS {column.type})"
        f" FROM free WHERE {mine}"
    )
