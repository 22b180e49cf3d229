"""Readings, days and their changes.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_readings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "values",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "doubtful",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("calibrating", sa.Boolean(), server_default="false", nullable=False),
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
            "source IN ('manual', 'whoop', 'whoop_export')",
            name=op.f("ck_day_readings_source_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_day_readings_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "client_id", "date", "source", name=op.f("pk_day_readings")
        ),
    )
    op.create_table(
        "daily_logs",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("recovery_score", sa.Double(), nullable=True),
        sa.Column("strain", sa.Double(), nullable=True),
        sa.Column("hrv", sa.Double(), nullable=True),
        sa.Column("sleep_hours", sa.Double(), nullable=True),
        sa.Column("sleep_quality", sa.Double(), nullable=True),
        sa.Column("resting_heart_rate", sa.Double(), nullable=True),
        sa.Column("spo2", sa.Double(), nullable=True),
        sa.Column("skin_temp_celsius", sa.Double(), nullable=True),
        sa.Column("respiratory_rate", sa.Double(), nullable=True),
        sa.Column("sleep_efficiency", sa.Double(), nullable=True),
        sa.Column("sleep_consistency", sa.Double(), nullable=True),
        sa.Column("in_bed_hours", sa.Double(), nullable=True),
        sa.Column("light_hours", sa.Double(), nullable=True),
        sa.Column("deep_hours", sa.Double(), nullable=True),
        sa.Column("rem_hours", sa.Double(), nullable=True),
        sa.Column("awake_hours", sa.Double(), nullable=True),
        sa.Column("sleep_need_hours", sa.Double(), nullable=True),
        sa.Column("sleep_debt_hours", sa.Double(), nullable=True),
        sa.Column("nap_hours", sa.Double(), nullable=True),
        sa.Column("sleep_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sleep_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sleep_offset_minutes", sa.Integer(), nullable=True),
        sa.Column("energy_kj", sa.Double(), nullable=True),
        sa.Column("average_heart_rate", sa.Integer(), nullable=True),
        sa.Column("max_heart_rate", sa.Integer(), nullable=True),
        sa.Column("step_count", sa.Integer(), nullable=True),
        sa.Column("workout_count", sa.Integer(), nullable=True),
        sa.Column("weight_kg", sa.Double(), nullable=True),
        sa.Column("mood", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "sources",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "doubtful",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("calibrating", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
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
            "source IN ('whoop', 'manual')", name=op.f("ck_daily_logs_source_known")
        ),
        sa.CheckConstraint(
            "state IN ('provisional', 'final')", name=op.f("ck_daily_logs_state_known")
        ),
        sa.CheckConstraint(
            "average_heart_rate BETWEEN 20 AND 250",
            name=op.f("ck_daily_logs_average_heart_rate_range"),
        ),
        sa.CheckConstraint(
            "awake_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_awake_hours_range")
        ),
        sa.CheckConstraint(
            "deep_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_deep_hours_range")
        ),
        sa.CheckConstraint(
            "energy_kj BETWEEN 0 AND 80000", name=op.f("ck_daily_logs_energy_kj_range")
        ),
        sa.CheckConstraint("hrv BETWEEN 1 AND 400", name=op.f("ck_daily_logs_hrv_range")),
        sa.CheckConstraint(
            "in_bed_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_in_bed_hours_range")
        ),
        sa.CheckConstraint(
            "light_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_light_hours_range")
        ),
        sa.CheckConstraint(
            "max_heart_rate BETWEEN 20 AND 260", name=op.f("ck_daily_logs_max_heart_rate_range")
        ),
        sa.CheckConstraint("mood BETWEEN 1 AND 10", name=op.f("ck_daily_logs_mood_range")),
        sa.CheckConstraint(
            "nap_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_nap_hours_range")
        ),
        sa.CheckConstraint(
            "recovery_score BETWEEN 0 AND 100", name=op.f("ck_daily_logs_recovery_score_range")
        ),
        sa.CheckConstraint(
            "rem_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_rem_hours_range")
        ),
        sa.CheckConstraint(
            "respiratory_rate BETWEEN 4 AND 60", name=op.f("ck_daily_logs_respiratory_rate_range")
        ),
        sa.CheckConstraint(
            "resting_heart_rate BETWEEN 20 AND 150",
            name=op.f("ck_daily_logs_resting_heart_rate_range"),
        ),
        sa.CheckConstraint(
            "skin_temp_celsius BETWEEN 20 AND 45",
            name=op.f("ck_daily_logs_skin_temp_celsius_range"),
        ),
        sa.CheckConstraint(
            "sleep_consistency BETWEEN 0 AND 100",
            name=op.f("ck_daily_logs_sleep_consistency_range"),
        ),
        sa.CheckConstraint(
            "sleep_debt_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_sleep_debt_hours_range")
        ),
        sa.CheckConstraint(
            "sleep_efficiency BETWEEN 0 AND 100", name=op.f("ck_daily_logs_sleep_efficiency_range")
        ),
        sa.CheckConstraint(
            "sleep_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_sleep_hours_range")
        ),
        sa.CheckConstraint(
            "sleep_need_hours BETWEEN 0 AND 24", name=op.f("ck_daily_logs_sleep_need_hours_range")
        ),
        sa.CheckConstraint(
            "sleep_offset_minutes BETWEEN -720 AND 840",
            name=op.f("ck_daily_logs_sleep_offset_minutes_range"),
        ),
        sa.CheckConstraint(
            "sleep_quality BETWEEN 0 AND 100", name=op.f("ck_daily_logs_sleep_quality_range")
        ),
        sa.CheckConstraint("spo2 BETWEEN 50 AND 100", name=op.f("ck_daily_logs_spo2_range")),
        sa.CheckConstraint(
            "step_count BETWEEN 0 AND 200000", name=op.f("ck_daily_logs_step_count_range")
        ),
        sa.CheckConstraint("strain BETWEEN 0 AND 21", name=op.f("ck_daily_logs_strain_range")),
        sa.CheckConstraint(
            "weight_kg BETWEEN 20 AND 400", name=op.f("ck_daily_logs_weight_kg_range")
        ),
        sa.CheckConstraint(
            "workout_count BETWEEN 0 AND 50", name=op.f("ck_daily_logs_workout_count_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_daily_logs_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", "date", name=op.f("pk_daily_logs")),
    )
    op.create_table(
        "day_changes",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
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
            "source IN ('manual', 'whoop', 'whoop_export')",
            name=op.f("ck_day_changes_source_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_day_changes_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_day_changes")),
    )
    op.create_index(
        op.f("ix_day_changes_organisation_id_client_id_date"),
        "day_changes",
        ["organisation_id", "client_id", "date"],
        unique=False,
    )
    for table in ["day_readings", "daily_logs", "day_changes"]:
        for statement in protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("day_changes")
    op.drop_table("daily_logs")
    op.drop_table("day_readings")
