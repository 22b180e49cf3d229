"""Links to WHOOP, their tokens, records and sync runs.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import open_to_all, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "whoop_apps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column(
            "sealed_secrets",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whoop_apps")),
        sa.UniqueConstraint("slug", name=op.f("uq_whoop_apps_slug")),
    )
    op.create_table(
        "whoop_links",
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column("external_user_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
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
            ["whoop_app_id"],
            ["whoop_apps.id"],
            name=op.f("fk_whoop_links_whoop_app_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "whoop_app_id", "external_user_id", "organisation_id", name=op.f("pk_whoop_links")
        ),
    )
    op.create_table(
        "integrations",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), server_default="whoop", nullable=False),
        sa.Column("external_user_id", sa.String(), nullable=True),
        sa.Column("whoop_app_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column(
            "scopes",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("sync_enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("last_sync", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_sync", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_through", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cursors",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("error", sa.String(), nullable=True),
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
        sa.CheckConstraint(
            "status IN ('active', 'reconnect_needed', 'error', 'disconnected')",
            name=op.f("ck_integrations_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_integrations_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["whoop_app_id"], ["whoop_apps.id"], name=op.f("fk_integrations_whoop_app_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_integrations")),
        sa.UniqueConstraint(
            "organisation_id",
            "client_id",
            "provider",
            name=op.f("uq_integrations_organisation_id_client_id_provider"),
        ),
    )
    op.create_index(
        "uq_integrations_account",
        "integrations",
        ["organisation_id", "provider", "external_user_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'disconnected'"),
    )
    op.create_table(
        "integration_tokens",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("access_token", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.String(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_outcome", sa.String(), nullable=True),
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
            ["organisation_id", "integration_id"],
            ["integrations.organisation_id", "integrations.id"],
            name=op.f("fk_integration_tokens_organisation_id_integration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "integration_id", name=op.f("pk_integration_tokens")
        ),
    )
    op.create_table(
        "oauth_states",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("sealed_data", sa.String(), nullable=False),
        sa.Column("session_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("return_to", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
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
            name=op.f("fk_oauth_states_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_oauth_states_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_oauth_states")),
        sa.UniqueConstraint(
            "organisation_id", "state_hash", name=op.f("uq_oauth_states_organisation_id_state_hash")
        ),
    )
    op.create_table(
        "whoop_records",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("raw", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cycle_id",
            sa.String(),
            sa.Computed("raw ->> 'cycle_id'", persisted=True),
            nullable=True,
        ),
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
        sa.CheckConstraint(
            "kind IN ('cycle', 'recovery', 'sleep', 'workout', 'body_measurement')",
            name=op.f("ck_whoop_records_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_whoop_records_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "client_id", "kind", "provider_id", name=op.f("pk_whoop_records")
        ),
    )
    op.create_index(
        op.f("ix_whoop_records_organisation_id_client_id_kind_cycle_id"),
        "whoop_records",
        ["organisation_id", "client_id", "kind", "cycle_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_whoop_records_organisation_id_client_id_kind_starts_at"),
        "whoop_records",
        ["organisation_id", "client_id", "kind", "starts_at"],
        unique=False,
    )
    op.create_table(
        "sync_runs",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
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
        sa.CheckConstraint(
            "trigger IN ('link', 'asked', 'schedule')", name=op.f("ck_sync_runs_trigger_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "integration_id"],
            ["integrations.organisation_id", "integrations.id"],
            name=op.f("fk_sync_runs_organisation_id_integration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_sync_runs")),
    )
    op.create_index(
        op.f("ix_sync_runs_organisation_id_integration_id_started_at"),
        "sync_runs",
        ["organisation_id", "integration_id", "started_at"],
        unique=False,
    )
    for table in [
        "integrations",
        "integration_tokens",
        "oauth_states",
        "whoop_records",
        "sync_runs",
    ]:
        for statement in protect(table):
            op.execute(statement)
    for table in ["whoop_apps", "whoop_links"]:
        for statement in open_to_all(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("sync_runs")
    op.drop_table("whoop_records")
    op.drop_table("oauth_states")
    op.drop_table("integration_tokens")
    op.drop_table("integrations")
    op.drop_table("whoop_links")
    op.drop_table("whoop_apps")
