"""A walk of the schema, as PostgreSQL has it: what every table, role and function must be."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.database.walls import APP_ROLE, APPEND_ONLY, GLOBAL_TABLES
from coach.extensions import db
from coach.ids import new_id

TENANT_TABLES = sorted(Base.metadata.tables.keys() - GLOBAL_TABLES)
# The two that let a signed-in person find their own organisations, for reading only.
FOR_READING = {("memberships", "own_memberships"), ("organisations", "where_i_belong")}


@pytest.fixture(autouse=True)
def _inside(context: None) -> None:
    """Every test here works in the application, acting for nobody."""


def _rows(sql: str, **values: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.session.execute(text(sql), values)]


def test_every_policy_both_filters_and_checks_by_the_organisation() -> None:
    whole = set()
    policies = "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies"
    for table, name, command, using, check in _rows(policies):
        if (table, name) in FOR_READING:
            assert command == "SELECT"
            continue
        assert command == "ALL"
        assert "app.organisation_id" in str(using)
        assert using == check
        whole.add(table)
    assert whole == set(TENANT_TABLES)


def test_a_reference_between_tenant_tables_includes_the_organisation() -> None:
    found = _rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text,"
        " (SELECT array_agg(attname::text) FROM pg_attribute"
        "  WHERE attrelid = conrelid AND attnum = ANY(conkey)),"
        " (SELECT array_agg(attname::text) FROM pg_attribute"
        "  WHERE attrelid = confrelid AND attnum = ANY(confkey))"
        " FROM pg_constraint WHERE contype = 'f'"
    )
    loose = [
        (table, parent)
        for table, parent, mine, theirs in found
        if parent not in GLOBAL_TABLES | {"organisations"}
        and not ("organisation_id" in mine and "organisation_id" in theirs)  # type: ignore[operator]
    ]
    assert loose == []


def test_what_is_unique_is_unique_within_an_organisation() -> None:
    firsts = _rows(
        "SELECT t.relname, c.relname, a.attname FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
        " WHERE i.indisunique AND t.relname = ANY(:tables)",
        tables=[table for table in TENANT_TABLES if table != "organisations"],
    )
    assert [row for row in firsts if row[2] != "organisation_id"] == []


def test_the_applications_role_is_weak() -> None:
    attributes = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    assert _rows(f"SELECT {attributes} FROM pg_roles WHERE rolname = current_user") == [
        (False,) * 5
    ]
    assert _rows("SELECT current_user") == [(APP_ROLE,)]
    me = "(SELECT oid FROM pg_roles WHERE rolname = current_user)"
    owned = f"SELECT relname FROM pg_class WHERE relowner = {me}"
    assert _rows(f"{owned} UNION SELECT proname FROM pg_proc WHERE proowner = {me}") == []
    assert _rows(f"SELECT roleid FROM pg_auth_members WHERE member = {me}") == []
    assert _rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]


def test_the_applications_role_may_no_more_than_its_tables_need() -> None:
    rights = ("UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    for table in sorted(Base.metadata.tables):
        may = {right for right in rights if _may(table, right)}
        assert may == (set() if table in APPEND_ONLY else {"UPDATE", "DELETE"}), table


def _may(table: str, right: str) -> bool:
    asked = "SELECT has_table_privilege(:table, :right)"
    return bool(db.session.scalar(text(asked), {"table": table, "right": right}))


def test_no_view_and_no_function_looks_past_the_walls() -> None:
    assert _rows("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []
    definers = _rows(
        "SELECT proname, proconfig, prosrc FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    for name, config, source in definers:
        assert any(str(each).startswith("search_path=") for each in config or ()), name  # type: ignore[attr-defined]
        assert "app.organisation_id" in str(source), name


@pytest.mark.parametrize("table", [name for name in TENANT_TABLES if name != "organisations"])
def test_a_row_for_another_organisation_is_refused_by_its_wall(table: str) -> None:
    forged = text(f"INSERT INTO {table} (organisation_id) VALUES (:other)")
    with acting_for(new_id()), pytest.raises(DBAPIError, match="row-level security"):
        db.session.execute(forged, {"other": new_id()})
