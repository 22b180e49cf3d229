"""The walls as SQL: which tables are global, and what protects every other one.

Migrations call `protect` and `open_to_all` for each table they make; the schema test holds the
database against `GLOBAL_TABLES`.
"""

from collections.abc import Iterator

APP_ROLE = "coach_app"

# No row-level security, no client names, no health values. A table in neither list fails a test.
GLOBAL_TABLES = frozenset(
    {
        "users",
        "user_sessions",
        "login_attempts",
        "password_resets",
        "mfa",
        "email_changes",
        "whoop_apps",
        "quota_ledger",
        "webhook_events",
        "work",
        "due_slots",
        "token_directory",
        "whoop_links",
        "token_calls",
        "app_standings",
        "sealing_keys",
        "erasures",
    }
)

# Written once, never changed: the application may not update or delete these.
APPEND_ONLY = frozenset({"audit_log", "audit_seals", "day_changes"})

_HERE = "(SELECT nullif(current_setting('app.organisation_id', true), '')::uuid)"
_ME = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"

TOUCH_FUNCTION = """
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$
"""


def protect(table: str) -> Iterator[str]:
    """Wall in a table of one organisation: forced row-level security, grants, `updated_at`."""
    key = "id" if table == "organisations" else "organisation_id"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield (
        f"CREATE POLICY own_organisation ON {table}"
        f" USING ({key} = {_HERE}) WITH CHECK ({key} = {_HERE})"
    )
    yield from _ground(table)


def let_people_find_their_organisations() -> Iterator[str]:
    """Let a signed-in person list their own memberships and the names of those organisations."""
    yield f"CREATE POLICY own_memberships ON memberships FOR SELECT USING (user_id = {_ME})"
    yield (
        "CREATE POLICY where_i_belong ON organisations FOR SELECT USING"
        f" (EXISTS (SELECT 1 FROM memberships m WHERE m.organisation_id = organisations.id"
        f" AND m.user_id = {_ME}))"
    )


def open_to_all(table: str) -> Iterator[str]:
    """Grant a global table to the application, without row-level security."""
    if table not in GLOBAL_TABLES:
        raise ValueError(f"{table} is not in the closed list of global tables")
    yield from _ground(table)


def _ground(table: str) -> Iterator[str]:
    rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
    yield f"GRANT {rights} ON {table} TO {APP_ROLE}"
    yield (
        f"CREATE TRIGGER touch BEFORE UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
    )
