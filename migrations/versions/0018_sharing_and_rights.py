"""Made files of everything we know of a client; accounts on their way out.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import APP_ROLE, protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = ("invitation", "setup", "reset", "oauth_state", "slug")
KINDS = (*BEFORE, "download", "leaving")

# `day_changes` is append-only for the application; this one exception is a client's own right.
# The values that people typed stay, since each stands in the `new` of its own row.
FORGET = """
CREATE FUNCTION forget_device_changes(whose uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM day_changes WHERE client_id = whose AND source <> 'manual'
    AND organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid;
  UPDATE day_changes SET old = NULL WHERE client_id = whose AND old IS NOT NULL
    AND organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid;
$$
"""


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_exports_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_exports")),
        sa.CheckConstraint(
            "state IN ('making', 'ready', 'gone')", name=op.f("ck_exports_state_known")
        ),
    )
    op.create_index(
        op.f("ix_exports_organisation_id_client_id"), "exports", ["organisation_id", "client_id"]
    )
    for statement in protect("exports"):
        op.execute(statement)
    op.add_column("users", sa.Column("erase_asked_at", sa.DateTime(timezone=True), nullable=True))
    _let_tokens_be(KINDS)
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION forget_device_changes(uuid) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION forget_device_changes(uuid) TO {APP_ROLE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_device_changes(uuid)")
    op.execute("DELETE FROM token_directory WHERE kind IN ('download', 'leaving')")
    _let_tokens_be(BEFORE)
    op.drop_column("users", "erase_asked_at")
    op.drop_table("exports")


def _let_tokens_be(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_token_directory_kind_known"), "token_directory")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(
        op.f("ck_token_directory_kind_known"), "token_directory", f"kind IN ({allowed})"
    )
