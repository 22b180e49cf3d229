"""Alerts, the rules that raise them, and the one nudge about a gap.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from coach.database.walls import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ["alert_rules", "alerts", "nudges"]
SIGNS = (
    "'hrv_week', 'hrv_day', 'resting_week', 'resting_day', 'sleep_debt', 'sleep_day',"
    " 'respiratory_day', 'feeling_week', 'never_linked', 'reconnect', 'quiet', 'unscorable', 'late'"
)
GROUPS = "'recovery', 'sleep', 'strain', 'workouts', 'journal', 'check_in'"


def upgrade() -> None:
    op.create_table(
        "alert_rules",
        *keys(),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("signals", JSONB(), nullable=False),
        sa.Column("watches_quiet", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("sds", sa.Float(), server_default="2", nullable=False),
        sa.Column("persistent", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("cooldown_hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("digest", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("digest_hour", sa.Integer(), server_default="7", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_for", sa.Date(), nullable=True),
        sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True),
        *times(),
        refers("alert_rules", "coach_id", "memberships"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_alert_rules")),
        sa.UniqueConstraint(
            "organisation_id", "coach_id", name=op.f("uq_alert_rules_organisation_id_coach_id")
        ),
        sa.CheckConstraint("sds BETWEEN 1.5 AND 4", name=op.f("ck_alert_rules_sds_range")),
        sa.CheckConstraint(
            "cooldown_hours BETWEEN 24 AND 336", name=op.f("ck_alert_rules_cooldown_range")
        ),
        sa.CheckConstraint(
            "digest_hour BETWEEN 0 AND 23", name=op.f("ck_alert_rules_digest_hour_range")
        ),
    )
    op.create_table(
        "alerts",
        *keys(),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("field_group", sa.String(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("shown_until", sa.Date(), nullable=False),
        sa.Column("formula_version", sa.Integer(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        moment("opened_at"),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("acted_by", sa.Uuid(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *times(),
        refers("alerts", "rule_id", "alert_rules"),
        refers("alerts", "client_id", "clients"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            *("organisation_id", "rule_id", "client_id", "signal", "date"),
            name=op.f("uq_alerts_organisation_id_rule_id_client_id_signal_date"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'snoozed', 'ended')",
            name=op.f("ck_alerts_state_known"),
        ),
        sa.CheckConstraint(f"field_group IN ({GROUPS})", name=op.f("ck_alerts_field_group_known")),
        sa.CheckConstraint(f"signal IN ({SIGNS})", name=op.f("ck_alerts_signal_known")),
        sa.CheckConstraint(
            "(state = 'snoozed') = (snoozed_until IS NOT NULL)",
            name=op.f("ck_alerts_snoozed_has_date"),
        ),
    )
    op.create_index(
        "uq_alerts_live",
        "alerts",
        ["organisation_id", "rule_id", "client_id", "signal"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        op.f("ix_alerts_organisation_id_client_id"), "alerts", ["organisation_id", "client_id"]
    )
    op.create_table(
        "nudges",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("after_days", sa.Integer(), server_default="3", nullable=False),
        sa.Column("nudged_on", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        *times(),
        refers("nudges", "client_id", "clients"),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", name=op.f("pk_nudges")),
        sa.CheckConstraint("after_days BETWEEN 0 AND 30", name=op.f("ck_nudges_after_days_range")),
    )
    for name in TABLES:
        for statement in protect(name):
            op.execute(statement)


def downgrade() -> None:
    for name in ("nudges", "alerts", "alert_rules"):
        op.drop_table(name)


def keys() -> list[sa.Column[object]]:
    return [
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def times() -> list[sa.Column[object]]:
    return [moment(name) for name in ("created_at", "updated_at")]


def refers(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{parent}.organisation_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_organisation_id_{column}"),
        ondelete="CASCADE",
    )
