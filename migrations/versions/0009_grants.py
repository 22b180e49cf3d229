"""How refreshes went, grants to be withdrawn at WHOOP, and notices that were sent.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import open_to_all, protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _time(name, *, nullable=True, default=None):
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=nullable,
        server_default=sa.text(default) if default else None,
    )


def _app(table):
    return sa.ForeignKeyConstraint(
        ["whoop_app_id"],
        ["whoop_apps.id"],
        name=op.f(f"fk_{table}_whoop_app_id"),
        ondelete="CASCADE",
    )


def _organisation(table):
    return sa.ForeignKeyConstraint(
        ["organisation_id"],
        ["organisations.id"],
        name=op.f(f"fk_{table}_organisation_id"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "token_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        _time("started_at", nullable=False, default="clock_timestamp()"),
        _time("ended_at"),
        sa.Column("outcome", sa.String(), nullable=True),
        _time("created_at", nullable=False, default="now()"),
        _time("updated_at", nullable=False, default="now()"),
        sa.CheckConstraint(
            "outcome IN ('renewed', 'later', 'unknown', 'dead', 'unclear', 'our_fault', 'stale',"
            " 'refused')",
            name=op.f("ck_token_calls_outcome_known"),
        ),
        _app("token_calls"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_calls")),
    )
    op.create_index(
        op.f("ix_token_calls_integration_id_started_at"),
        "token_calls",
        ["integration_id", "started_at"],
    )
    op.create_index(
        "ix_token_calls_dead",
        "token_calls",
        ["whoop_app_id", "ended_at"],
        postgresql_where=sa.text("outcome = 'dead'"),
    )
    op.create_table(
        "app_standings",
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        _time("refused_since"),
        _time("closed_until"),
        _time("frozen_until"),
        _time("created_at", nullable=False, default="now()"),
        _time("updated_at", nullable=False, default="now()"),
        _app("app_standings"),
        sa.PrimaryKeyConstraint("whoop_app_id", name=op.f("pk_app_standings")),
    )
    op.create_table(
        "farewells",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column("external_user_id", sa.String(), nullable=False),
        sa.Column("access_token", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.String(), nullable=True),
        _time("token_expires_at", nullable=False),
        sa.Column(
            "scopes", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("session_hash", sa.String(), nullable=True),
        _time("not_before", nullable=False),
        _time("until", nullable=False),
        _time("created_at", nullable=False, default="now()"),
        _time("updated_at", nullable=False, default="now()"),
        _organisation("farewells"),
        _app("farewells"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_farewells")),
    )
    op.create_index(
        op.f("ix_farewells_organisation_id_client_id"),
        "farewells",
        ["organisation_id", "client_id"],
    )
    op.create_table(
        "notifications",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        _time("sent_at"),
        _time("created_at", nullable=False, default="now()"),
        _time("updated_at", nullable=False, default="now()"),
        _organisation("notifications"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "organisation_id",
            "user_id",
            "kind",
            "channel",
            "subject_id",
            "occasion",
            name="uq_notifications_once",
        ),
    )
    for table in ["token_calls", "app_standings"]:
        for statement in open_to_all(table):
            op.execute(statement)
    for table in ["farewells", "notifications"]:
        for statement in protect(table):
            op.execute(statement)
    # What a try was and how it ended stands in token_calls now.
    op.drop_column("integration_tokens", "refresh_started_at")
    op.drop_column("integration_tokens", "refresh_outcome")


def downgrade() -> None:
    op.add_column("integration_tokens", sa.Column("refresh_outcome", sa.String(), nullable=True))
    op.add_column("integration_tokens", _time("refresh_started_at"))
    for table in ["notifications", "farewells", "app_standings", "token_calls"]:
        op.drop_table(table)
