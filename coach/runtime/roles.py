"""The roles and the database that a fresh cluster gets; harmless to repeat."""

from collections.abc import Mapping
from typing import LiteralString

import psycopg
from psycopg import sql

DATABASE = "coach"
MIGRATION = "coach_migration"
APP = "coach_app"
ATTRIBUTES = {
    MIGRATION: sql.SQL("LOGIN NOSUPERUSER CREATEROLE CREATEDB BYPASSRLS"),
    APP: sql.SQL("LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS"),
}
Connection = psycopg.Connection[tuple[object, ...]]


def bootstrap(superuser: str, passwords: Mapping[str, str]) -> None:
    """Make what is missing; roles take the passwords that the home knows."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        for role, password in passwords.items():
            _ensure_role(connection, role, password)
        # `coach migrate` looks after the application's role, which only its admin may do.
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(
                sql.Identifier(APP), sql.Identifier(MIGRATION)
            )
        )
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(MIGRATION)
                )
            )


def _ensure_role(connection: Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    # Sent hashed, so that no log of the server can ever quote it.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("ALTER ROLE {} WITH {} PASSWORD {}").format(
            name, ATTRIBUTES[role], sql.Literal(hashed.decode())
        )
    )


def _exists(connection: Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
