"""Puts a dump in the place of what is there, all or nothing: the old schema waits beside it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from coach.backup.making import rows_in, server_of
from coach.backup.programs import run
from coach.cli import Refused
from coach.database.walls import APP_ROLE

BEFORE = "coach_before_restore"


def refuse_if_used(connection: Connection) -> None:
    """Raise Refused while a process of ours is connected: it would write between the times."""
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = :role"
        ),
        {"role": APP_ROLE},
    )
    if others:
        raise Refused(
            f"{others} connections of web, workers or scheduler are open. Stop these processes,"
            " then restore."
        )


def holds_people(connection: Connection) -> bool:
    """Tell whether there is anything to lose: a fresh schema is as good as none."""
    for table in ("users", "organisations"):
        there = connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"public.{table}"})
        if there and connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")):  # noqa: S608  # ours
            return True
    return False


@contextmanager
def instead_of_all(engine: Engine) -> Iterator[None]:
    """Have an empty schema inside the block; what was there comes back when the block fails."""
    _tell(engine, f"DROP SCHEMA IF EXISTS {BEFORE} CASCADE")
    _tell(engine, f"ALTER SCHEMA public RENAME TO {BEFORE}", "CREATE SCHEMA public")
    try:
        yield
    except BaseException:
        back = f"ALTER SCHEMA {BEFORE} RENAME TO public"
        _tell(engine, "DROP SCHEMA public CASCADE", back)
        raise
    _tell(engine, f"DROP SCHEMA {BEFORE} CASCADE")


def load(engine: Engine, url: str, dump: Path, expected: Mapping[str, int]) -> None:
    """Restore a dump into the empty schema and count its rows; raises Refused."""
    with engine.connect() as connection:
        server = server_of(connection)
    run(
        "pg_restore",
        server,
        url,
        *("--no-owner", "--exit-on-error", "--single-transaction", str(dump)),
    )
    with engine.connect() as connection:
        found = rows_in(connection)
    if found != dict(expected):
        other = sorted(
            name for name in {*found, *expected} if found.get(name) != expected.get(name)
        )
        raise Refused(f"The restored rows are not those of the backup: {', '.join(other)}.")


def _tell(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
