"""Looks at PostgreSQL: who we are there, the walls, the schema, the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from coach.app import MIGRATIONS
from coach.database.outages import reason
from coach.database.roles import RoleTooStrong
from coach.database.walls import GLOBAL_TABLES
from coach.doctor.findings import Finding, Ground, fail, ok, warn
from coach.extensions import db

SKEW_WARN_SECONDS, SKEW_FAIL_SECONDS = 2.0, 30.0
_UNWALLED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"
)
_SEES_ALL = text(
    "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
)


def reachable(_ground: Ground) -> Iterator[Finding]:
    """Tell whether it is there, and our role as weak as it must be."""
    try:
        role = db.session.execute(text("SELECT current_user")).scalar_one()
    except RoleTooStrong as error:
        yield fail("database role", str(error), "Change DATABASE_URL.")
    except SQLAlchemyError as error:
        yield fail("database", f"not reachable: {reason(error)}", "Check DATABASE_URL.")
    else:
        yield ok("database", "reachable")
        yield ok("database role", f"{role} owns nothing and passes no wall")


def walls(_ground: Ground) -> Iterator[Finding]:
    open_tables = set(db.session.scalars(_UNWALLED)) - GLOBAL_TABLES - {"alembic_version"}
    if open_tables:
        names = ", ".join(sorted(open_tables))
        yield fail("row-level security", f"missing on {names}", "Run `coach migrate`.")
    else:
        yield ok("row-level security", "forced on every table of an organisation")


def migrations(ground: Ground) -> Iterator[Finding]:
    if ground.all_rows is None:  # our own role may not look
        yield warn("migrations", "not looked at", "Run this where MIGRATION_DATABASE_URL is set.")
        return
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with ground.all_rows.connect() as connection:
        there = connection.scalar(text("SELECT to_regclass('public.alembic_version')"))
        version = text("SELECT version_num FROM alembic_version")
        found = connection.scalar(version) if there else None
    if found == head:
        yield ok("migrations", f"in step at {found}")
    else:
        says = f"the schema is at {found}, this version needs {head}"
        yield fail("migrations", says, "Run `coach migrate`.")


def other_roles(ground: Ground) -> Iterator[Finding]:
    """Tell whether the roles for migrations and backups work, where they are set."""
    urls = {
        "migration role": ground.settings.migration_database_url,
        "backup role": ground.settings.backup_database_url,
    }
    for about, url in urls.items():
        if url is not None:
            yield _other_role(about, url)


def clock(_ground: Ground) -> Iterator[Finding]:
    began = datetime.now(UTC)
    there = db.session.execute(select(text("clock_timestamp()"))).scalar_one()
    here = began + (datetime.now(UTC) - began) / 2
    skew = abs((there - here).total_seconds())
    says = f"{skew:.1f} s between this machine and the database"
    if skew > SKEW_WARN_SECONDS:
        made = fail if skew > SKEW_FAIL_SECONDS else warn
        yield made("clock", says, "Let NTP set both clocks: signatures and codes depend on them.")
    else:
        yield ok("clock", says)


def _other_role(about: str, url: str) -> Finding:
    setting = f"{about.partition(' ')[0].upper()}_DATABASE_URL"
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            name, sees_all = connection.execute(_SEES_ALL).one()
    except SQLAlchemyError as error:
        return fail(about, f"cannot sign in: {reason(error)}", f"Check {setting}.")
    if not sees_all:
        return fail(about, f"{name} does not see every row", f"ALTER ROLE {name} BYPASSRLS;")
    return ok(about, f"{name} sees every row")


LOOKS = (walls, migrations, other_roles, clock)
