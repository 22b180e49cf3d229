"""API tokens and repeated calls.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KIND = "api_token"


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counted_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_api_tokens")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_api_tokens_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["memberships.organisation_id", "memberships.user_id"],
            name=op.f("fk_api_tokens_organisation_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "holder IN ('person', 'service')", name=op.f("ck_api_tokens_holder_known")
        ),
        sa.CheckConstraint(
            "(holder = 'person') = (user_id IS NOT NULL)", name=op.f("ck_api_tokens_person_named")
        ),
    )
    op.create_index(
        op.f("ix_api_tokens_organisation_id_user_id"), "api_tokens", ["organisation_id", "user_id"]
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint(
            "organisation_id", "token_id", "key", name=op.f("pk_idempotency_keys")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "token_id"],
            ["api_tokens.organisation_id", "api_tokens.id"],
            name=op.f("fk_idempotency_keys_organisation_id_token_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"])
    for table in ("api_tokens", "idempotency_keys"):
        for statement in protect(table):
            op.execute(statement)
    _let_tokens_be([*_kinds(), KIND])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("api_tokens")
    op.execute(f"DELETE FROM token_directory WHERE kind = '{KIND}'")
    _let_tokens_be([kind for kind in _kinds() if kind != KIND])


def _kinds() -> list[str]:
    """List the kinds that stand in the constraint now, whoever added them."""
    found = op.get_bind().scalar(
        sa.text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = 'ck_token_directory_kind_known'"
        )
    )
    return [part for part in str(found).split("'")[1::2]]


def _let_tokens_be(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_token_directory_kind_known"), "token_directory")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(
        op.f("ck_token_directory_kind_known"), "token_directory", f"kind IN ({allowed})"
    )


def _times() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]
