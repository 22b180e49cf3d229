"""Runs what the application sends as a stranger would, with and without somebody else being there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from config import Settings
from tests.cast import Cast
from tests.database.overhearing import Mutant

Outcome: TypeAlias = tuple[object, ...]


@contextmanager
def owning(settings: Settings) -> Iterator[Connection]:
    """Give a connection of the owning role, whose transaction is taken back at the end."""
    engine = create_engine(str(settings.migration_database_url))
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def differing(owner: Connection, cast: Cast, sent: Sequence[Mutant], role: str | None) -> set[int]:
    """Say whose outcome depends on the home organisation being there; nothing is kept."""
    with owner.begin_nested() as everything:
        there = [outcome(owner, cast, mutant, role) for mutant in sent]
        gone = {"id": cast.ann.organisation_id}
        owner.execute(text("DELETE FROM organisations WHERE id = :id"), gone)
        absent = [outcome(owner, cast, mutant, role) for mutant in sent]
        everything.rollback()
    return {at for at, pair in enumerate(zip(there, absent, strict=True)) if pair[0] != pair[1]}


def outcome(owner: Connection, cast: Cast, mutant: Mutant, role: str | None) -> Outcome:
    """Run a mutant for the stranger and take it back; its rows, or the kind of its failure."""
    with owner.begin_nested() as once:
        try:
            if role:
                owner.exec_driver_sql(f"SET LOCAL ROLE {role}")
            for name, who in (
                ("organisation", cast.zoe.organisation_id),
                ("user", cast.zoe.user_id),
            ):
                owner.exec_driver_sql(
                    "SELECT set_config(%(name)s, %(who)s, true)",
                    {"name": f"app.{name}_id", "who": str(who)},
                )
            answer = owner.exec_driver_sql(mutant.sql, dict(mutant.values))
            rows = sorted(map(repr, answer)) if answer.returns_rows else []
            found: Outcome = (answer.rowcount, *rows)
        except DBAPIError as error:
            found = (getattr(error.orig, "sqlstate", None),)
        once.rollback()
    return found
