"""Codes by which a service begins a linking, pages to return to, and words by a model.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KIND = "linking"


def upgrade() -> None:
    op.create_table(
        "return_addresses",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "address", name=op.f("pk_return_addresses")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_return_addresses_organisation_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "linking_codes",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("return_to", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_linking_codes")),
        _refers("linking_codes", "clients", "client_id"),
        _refers("linking_codes", "api_tokens", "token_id"),
    )
    op.create_index(op.f("ix_linking_codes_expires_at"), "linking_codes", ["expires_at"])
    _make_words()
    for table in ("return_addresses", "linking_codes", "rewritings", "rewritten_words"):
        for statement in protect(table):
            op.execute(statement)
    _let_tokens_be([*_kinds(), KIND])


def downgrade() -> None:
    op.drop_table("rewritten_words")
    op.drop_table("rewritings")
    op.drop_table("linking_codes")
    op.drop_table("return_addresses")
    op.execute(f"DELETE FROM token_directory WHERE kind = '{KIND}'")
    _let_tokens_be([kind for kind in _kinds() if kind != KIND])


def _make_words() -> None:
    op.create_table(
        "rewritings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", name=op.f("pk_rewritings")),
        _refers("rewritings", "clients", "client_id"),
    )
    op.create_table(
        "rewritten_words",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("by_rule", sa.String(), nullable=False),
        sa.Column("by_rule_hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_rewritten_words")),
        _refers("rewritten_words", "clients", "client_id"),
        sa.UniqueConstraint(
            "organisation_id",
            "client_id",
            "by_rule_hash",
            name=op.f("uq_rewritten_words_organisation_id_client_id_by_rule_hash"),
        ),
    )


def _refers(of: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{table}.organisation_id", f"{table}.id"],
        name=op.f(f"fk_{of}_organisation_id_{column}"),
        ondelete="CASCADE",
    )


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
