"""Bring the schema up to date with the owning role; make the application's role and rights."""

import time
from uuid import UUID

import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade as alembic_upgrade
from psycopg import sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from coach.app import MIGRATIONS, create_app
from coach.database.walls import APP_ROLE
from coach.extensions import db
from config import Settings, SettingsError

log = structlog.get_logger()

# A migration that finds a table in use gives way to those who use it, and comes back.
TRIES, PAUSE_SECONDS = 30, 1.0


def upgrade(settings: Settings) -> None:
    """Run every migration that is missing; doing it twice changes nothing.

    Raises OperationalError when a table that has to change was in use each time we tried.
    """
    engine = owner(settings)
    make_app_role(engine, settings)
    with create_app(settings).app_context():
        for _ in range(TRIES - 1):
            if _upgraded():
                return
            log.info("migration_gives_way")
            time.sleep(PAUSE_SECONDS)
        alembic_upgrade(directory=str(MIGRATIONS))


def _upgraded() -> bool:
    """Run what is missing; False when a table that has to change is in use."""
    try:
        alembic_upgrade(directory=str(MIGRATIONS))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True


def differences(settings: Settings) -> list[str]:
    """Upgrade, then compare the database with the models; one line for each difference."""
    upgrade(settings)
    create_app(settings)  # imports every model
    with owner(settings).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(each) for each in compare_metadata(context, db.metadata)]


def organisation_of_client(settings: Settings, client_id: UUID) -> UUID | None:
    """Find across the walls where a client belongs; for commands of the operator only."""
    with owner(settings).connect() as connection:
        return connection.scalar(
            text("SELECT organisation_id FROM clients WHERE id = :id"), {"id": client_id}
        )


def clients_of_all(settings: Settings) -> list[UUID]:
    """List every client of every organisation; for commands of the operator only."""
    with owner(settings).connect() as connection:
        return list(connection.scalars(text("SELECT id FROM clients ORDER BY organisation_id, id")))


def owner(settings: Settings) -> Engine:
    """Give an engine of the role that owns the tables; for commands of the operator only.

    Raises SettingsError.
    """
    if settings.migration_database_url is None:
        raise SettingsError("MIGRATION_DATABASE_URL is required to migrate")
    return create_engine(settings.migration_database_url, poolclass=NullPool)


def make_app_role(engine: Engine, settings: Settings) -> None:
    """Make the role of DATABASE_URL unless the operator (or another copy of us) has."""
    url = make_url(settings.database_url or "")
    if url.username != APP_ROLE:
        raise SettingsError(f"DATABASE_URL must sign in as {APP_ROLE}, not as {url.username}")
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('coach_app role'))"))
        there = connection.scalar(
            text("SELECT count(*) FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE}
        )
        if not there:
            make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(APP_ROLE), sql.Literal(str(url.password or ""))
            )
            connection.exec_driver_sql(make.as_string())
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
