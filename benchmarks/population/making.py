"""Fill a fresh database with a population, with the owning role, statement after statement."""

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from benchmarks.population.size import Size
from benchmarks.population.unkeyed import unkeyed
from coach.accounts.passwords import hash_password
from coach.days.metrics import METRICS, Source
from coach.insights.formulas import FORMULA_VERSION
from coach.insights.refresh import KEPT_DAYS

PASSWORD = "a population of full size"  # noqa: S105  # of people who are made up
RAW_CLIENTS = 200
# So many rows of days at once; what is sorted and handed on stays in memory.
ROWS_AT_ONCE = 100_000
CLIENTS_AT_ONCE = 2_000
LARGE_TABLES = ("daily_logs", "day_readings", "insights", "burnout_scores", "check_ins", "workouts")
UNWORN = ("strain", "energy_kj", "average_heart_rate", "max_heart_rate", "step_count")
NOT_MADE = ("weight_kg", "notes", "mood", "nap_hours", "workout_count")
_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")


def make(migration_url: str, size: Size) -> None:
    """Make everybody, their days, and what follows; ends with fresh statistics for the planner."""
    engine = create_engine(migration_url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET work_mem = '256MB'")
        connection.exec_driver_sql("SET maintenance_work_mem = '1GB'")
        connection.exec_driver_sql("SET synchronous_commit = off")
        with unkeyed(connection, LARGE_TABLES):
            _run(connection, "people", {**size.parameters, "password": hash_password(PASSWORD)})
            _make_days(connection, size)
        _make_what_follows(connection, size)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _make_days(connection: Connection, size: Size) -> None:
    at_once = max(ROWS_AT_ONCE // size.clients, 1)
    for oldest in range(size.days - 1, -1, -at_once):
        newest = max(oldest - at_once + 1, 0)
        slices = {"oldest": oldest, "newest": newest, **_sources()}
        _run(connection, "days", {**size.parameters, **slices}, said=f"{oldest} days ago")


def _make_what_follows(connection: Connection, size: Size) -> None:
    raw = {**size.parameters, "raw": min(RAW_CLIENTS, size.clients)}
    parts = -(-size.clients // CLIENTS_AT_ONCE)
    kept = {"kept": min(KEPT_DAYS, size.days), "version": FORMULA_VERSION, "parts": parts}
    for part in range(parts):
        _run(connection, "insights", {**kept, "part": part}, said=f"part {part + 1} of {parts}")
    _run(connection, "happenings", raw)


def _sources() -> dict[str, str]:
    """Say of each field who said it, as `daily_logs.sources` holds it."""
    every = {name: Source.WHOOP.value for name in sorted(METRICS) if name not in NOT_MADE}
    return {
        "sources": json.dumps(every),
        "sources_typed": json.dumps({**every, "sleep_hours": Source.MANUAL.value}),
        "sources_unworn": json.dumps({name: every[name] for name in UNWORN}),
    }


def _run(connection: Connection, name: str, values: Mapping[str, object], said: str = "") -> None:
    began = time.perf_counter()
    for statement in _statements(name, values):
        connection.exec_driver_sql(statement)
    connection.commit()
    print(f"{name} {said}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)


def _statements(name: str, values: Mapping[str, object]) -> Iterator[str]:
    """Give the statements of a file, with values in place of their names: none is a stranger's."""
    written = Path(__file__).with_name(f"{name}.sql").read_text("utf-8")
    filled = _NAMED.sub(lambda found: _literal(values[found[1]]), written)
    # A driver that could be given values takes a lone % for the place of one.
    return (each for each in filled.replace("%", "%%").split(";\n") if each.strip())


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
