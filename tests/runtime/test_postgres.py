"""The embedded PostgreSQL as applications meet it."""

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text

from coach.runtime.home import Services
from coach.runtime.postgres import for_libpq
from tests.runtime.conftest import ROOT, postmaster_of


def app_url(services: Services) -> str:
    assert services.database_url
    return for_libpq(services.database_url)


def migration_url(services: Services) -> str:
    assert services.migration_url
    return for_libpq(services.migration_url)


def ask(url: str, question: bytes) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("role", ["coach_app", "coach_migration", "postgres"])
@pytest.mark.parametrize("password", ["", ":wrong"])
def test_nobody_gets_in_without_the_right_password(
    services: Services, role: str, password: str
) -> None:
    query = urlsplit(app_url(services)).query
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{role}{password}@/coach?{query}")


def test_the_urls_work_for_sqlalchemy(services: Services) -> None:
    for url, role in (
        (services.database_url, "coach_app"),
        (services.migration_url, "coach_migration"),
    ):
        assert url
        engine = create_engine(url)
        with engine.connect() as connection:
            names = connection.execute(text("SELECT current_user, current_database()")).one()
        engine.dispose()
        assert tuple(names) == (role, "coach")


def test_text_is_utf8_and_sorted_the_same_everywhere(services: Services) -> None:
    query = b"""SELECT pg_encoding_to_char(encoding), datcollate, datctype
                FROM pg_database WHERE datname = 'coach'"""
    assert ask(app_url(services), query) == [("UTF8", "C.UTF-8", "C.UTF-8")]


def test_it_is_durable_and_on_no_network_address(services: Services) -> None:
    query = b"""SELECT current_setting('fsync'), current_setting('synchronous_commit'),
                current_setting('full_page_writes'), current_setting('listen_addresses'),
                current_setting('max_connections'), current_setting('password_encryption')"""
    answer = ("on", "on", "on", "", "100", "scram-sha-256")
    assert ask(app_url(services), query) == [answer]


def test_the_roles_are_as_strong_as_they_must_be(services: Services) -> None:
    query = b"""SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolcanlogin
                FROM pg_roles WHERE rolname LIKE 'coach%' ORDER BY rolname"""
    assert ask(app_url(services), query) == [
        ("coach_app", False, False, False, False, True),
        ("coach_migration", False, True, True, True, True),
    ]


@pytest.mark.parametrize("statement", [b"CREATE TABLE public.t ()", b"CREATE SCHEMA s"])
def test_the_application_creates_nothing(services: Services, statement: bytes) -> None:
    with (
        psycopg.connect(app_url(services)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_migrations_make_tables_and_look_after_the_application_role(services: Services) -> None:
    with psycopg.connect(migration_url(services)) as connection:
        connection.execute("CREATE TABLE public.t ()")
        connection.execute("GRANT SELECT ON public.t TO coach_app")
        connection.execute("ALTER ROLE coach_app CONNECTION LIMIT 50")
        connection.execute("CREATE ROLE coach_backup LOGIN BYPASSRLS")
        connection.rollback()


def test_only_its_user_may_enter_the_socket_folder(services: Services) -> None:
    folder = Path(app_url(services).partition("host=")[2].partition("&")[0])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".s.PGSQL.5432").is_socket()


def test_what_the_home_keeps_is_for_its_user_only(services: Services, shared_home: Path) -> None:
    assert services.owner
    own = [shared_home / name for name in ("runtime.json", "owner.lock", "postgres.log")]
    files = [*own, shared_home / "valkey" / "valkey.conf", *(shared_home / "secrets").iterdir()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len(files) == 8


@pytest.mark.skipif(not ROOT, reason="only root has rights to drop")
def test_as_root_it_runs_as_somebody_with_no_rights(services: Services) -> None:
    status = Path(f"/proc/{postmaster_of(services)}/status").read_text().splitlines()
    facts = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    assert "0" not in facts["Uid"].split() + facts["Gid"].split() + facts["Groups"].split()
    assert int(facts["CapEff"], 16) == 0
