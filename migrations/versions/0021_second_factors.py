"""Second factors, changes of e-mail, and what people prefer beside it.

The hour of the morning mail stands with the rules of alerts: one place for one thing.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import open_to_all

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ["mfa", "email_changes"]
BEFORE = ("invitation", "setup", "reset", "oauth_state", "slug", "download", "leaving")


def upgrade() -> None:
    op.create_table(
        "mfa",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column(
            "recovery_hashes",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        *times(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mfa_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mfa")),
    )
    op.create_table(
        "email_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("old_email", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *times(),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_email_changes_email_lower")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_changes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_email_changes_token_hash")),
    )
    op.create_index(op.f("ix_email_changes_user_id"), "email_changes", ["user_id"])
    for name in TABLES:
        for statement in open_to_all(name):
            op.execute(statement)
    op.create_index(op.f("ix_login_attempts_created_at"), "login_attempts", ["created_at"])
    let_tokens_be((*BEFORE, "email"))
    op.drop_column("user_preferences", "digest_hour")
    op.add_column("user_preferences", sa.Column("timezone", sa.String(), nullable=True))
    op.add_column("user_preferences", sa.Column("energy_unit", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_user_preferences_energy_unit_known"),
        "user_preferences",
        "energy_unit IN ('kj', 'kcal')",
    )


def downgrade() -> None:
    for column in ("energy_unit", "timezone"):
        op.drop_column("user_preferences", column)
    op.add_column("user_preferences", sa.Column("digest_hour", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_user_preferences_digest_hour_range"),
        "user_preferences",
        "digest_hour BETWEEN 0 AND 23",
    )
    let_tokens_be(BEFORE)
    op.drop_index(op.f("ix_login_attempts_created_at"), table_name="login_attempts")
    for name in reversed(TABLES):
        op.drop_table(name)


def let_tokens_be(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_token_directory_kind_known"), "token_directory")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(
        op.f("ck_token_directory_kind_known"), "token_directory", f"kind IN ({allowed})"
    )


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
