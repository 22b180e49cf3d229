"""Makes a backup while everybody works: counts and dump are of one snapshot."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from coach.backup.archive import About, pack
from coach.backup.programs import run
from coach.cli import Refused
from coach.keys.resealing import uses
from config import Settings

MAJOR = 10_000
# Half the processor time of the usual level, from those who work meanwhile, for a fifth more bytes.
FORM = ("--format=custom", "--compress=3")
_MAY_SEE_ALL = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")


def make(settings: Settings, file: Path) -> About:
    """Write a backup into a file; raises Refused.

    Files are added after the dump: an upload that arrives meanwhile may be there without its row.
    """
    url = backup_url(settings)
    engine = create_engine(url, poolclass=NullPool)
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".coach-") as folder:
        dump = Path(folder, "database.dump")
        keys = tuple(sorted(uses(engine)))
        with engine.connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901  # the same one
            about = _about(connection, keys)
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            words = (*FORM, "--no-owner", f"--snapshot={snapshot}", f"--file={dump}")
            run("pg_dump", about.server, url, *words)
        pack(file, about, dump, settings.coach_home.absolute())
    return about


def backup_url(settings: Settings) -> str:
    """Say how a backup reaches the database; raises Refused when nothing says so."""
    url = settings.backup_database_url or settings.migration_database_url
    if url is None:
        raise Refused("BACKUP_DATABASE_URL (or MIGRATION_DATABASE_URL) is required for a backup.")
    return url


def rows_in(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    tables = connection.scalars(_TABLES).all()
    return {name: _count(connection, name) for name in tables}


def server_of(connection: Connection) -> int:
    """Give the server's major version."""
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // MAJOR


def _about(connection: Connection, keys: tuple[str, ...]) -> About:
    if not connection.execute(_MAY_SEE_ALL).scalar_one():
        raise Refused(
            "The role of BACKUP_DATABASE_URL does not see every organisation: give it BYPASSRLS."
        )
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    now = datetime.now(UTC)
    return About(now, revision, server_of(connection), keys, rows_in(connection))


def _count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())  # noqa: S608  # a name of ours
