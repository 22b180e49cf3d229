"""A database of one test module's own, in the cluster that all tests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config import Settings


@contextmanager
def spare_database(
    settings: Settings, home: Path, *, like: Settings | None = None
) -> Iterator[Settings]:
    """Give settings that lead to a database and home of their own: empty, or as another one."""
    name = f"spare_{uuid4().hex[:12]}"
    engine = _cluster(settings)
    with engine.connect() as connection:
        pattern = f" TEMPLATE {make_url(str(like.database_url)).database}" if like else ""
        connection.execute(text(f"CREATE DATABASE {name}{pattern}"))
    try:
        yield settings.model_copy(
            update={
                "database_url": _of(settings.database_url, name),
                "migration_database_url": _of(settings.migration_database_url, name),
                "coach_home": home,
            }
        )
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def environment_of(settings: Settings) -> dict[str, str]:
    """Say the settings as a command reads them."""
    return {
        "ENVIRONMENT": "test",
        "COACH_HOME": str(settings.coach_home),
        "DATABASE_URL": str(settings.database_url),
        "MIGRATION_DATABASE_URL": str(settings.migration_database_url),
        "REDIS_URL": str(settings.redis_url),
        "SECRET_KEY": settings.required_secret_key,
        "ENCRYPTION_KEYS": str(settings.encryption_keys),
        "BASE_URL": settings.base_url,
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": settings.whoop_client_id,
        "WHOOP_CLIENT_SECRET": settings.whoop_client_secret.get_secret_value(),
        "LOG_LEVEL": "ERROR",
    }


def _cluster(settings: Settings) -> Engine:
    return create_engine(
        str(settings.migration_database_url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )


def _of(url: str | None, database: str) -> str:
    return make_url(str(url)).set(database=database).render_as_string(hide_password=False)
