"""The application's database role must not be able to walk through the walls."""

from psycopg import Connection
from sqlalchemy import Engine, event

_ROLE = """
SELECT rolsuper, rolbypassrls, EXISTS (
  SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname = 'public')
FROM pg_roles r WHERE rolname = current_user
"""
_REASONS = ("is a superuser", "has BYPASSRLS", "owns tables")


class RoleTooStrong(Exception):
    """The role could read every organisation; the process must not work with it."""


def refuse_strong_role(engine: Engine) -> None:
    """Check the role before the engine's first connection is used; raises RoleTooStrong there."""
    event.listen(engine, "first_connect", _check)


def _check(connection: Connection, _record: object) -> None:
    with connection.cursor() as cursor:
        given = cursor.execute(_ROLE).fetchone() or (True, True, True)
    connection.rollback()
    reasons = [reason for reason, has in zip(_REASONS, given, strict=True) if has]
    if reasons:
        raise RoleTooStrong(
            f"The role of DATABASE_URL {' and '.join(reasons)}, so row-level security would not"
            " hold. Use the role coach_app, which `coach migrate` makes."
        )
