"""Runs migrations with the owning role; row security off, so that a blocked query fails loudly.

Whoever waits for a table's lock makes everybody behind them wait, too: less than a second of that,
then the migration gives way, and `coach migrate` begins it anew (coach/migrating.py).
"""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from coach.extensions import db

settings = current_app.config["SETTINGS"]


def leave_out(object_, name, type_, reflected, compare_to):
    return not (type_ == "table" and name == "alembic_version")


def run() -> None:
    engine = create_engine(settings.migration_database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET row_security = off"))
        connection.execute(text("SET lock_timeout = '800ms'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            compare_server_default=False,
            include_object=leave_out,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
