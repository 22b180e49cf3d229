"""Mood, check-in, dated tags and coaches' notes.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ["mood_ratings", "check_ins", "day_tags", "notes"]


def upgrade() -> None:
    op.create_table(
        "mood_ratings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("rated_by", sa.Uuid(), nullable=True),
        *times(),
        whose("mood_ratings"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_mood_ratings")),
        sa.UniqueConstraint(
            "organisation_id",
            "client_id",
            "date",
            name=op.f("uq_mood_ratings_organisation_id_client_id_date"),
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 10", name=op.f("ck_mood_ratings_rating_range")),
    )
    op.create_table(
        "check_ins",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("sleep", sa.Integer(), nullable=True),
        sa.Column("stress", sa.Integer(), nullable=True),
        sa.Column("fatigue", sa.Integer(), nullable=True),
        sa.Column("soreness", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column(
            "answered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        *times(),
        whose("check_ins"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint(
            "organisation_id",
            "client_id",
            "date",
            name=op.f("uq_check_ins_organisation_id_client_id_date"),
        ),
        sa.CheckConstraint("sleep BETWEEN 1 AND 7", name=op.f("ck_check_ins_sleep_range")),
        sa.CheckConstraint("stress BETWEEN 1 AND 7", name=op.f("ck_check_ins_stress_range")),
        sa.CheckConstraint("fatigue BETWEEN 1 AND 7", name=op.f("ck_check_ins_fatigue_range")),
        sa.CheckConstraint("soreness BETWEEN 1 AND 7", name=op.f("ck_check_ins_soreness_range")),
    )
    op.create_table(
        "day_tags",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        *times(),
        whose("day_tags"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_day_tags")),
        sa.CheckConstraint(
            "kind IN ('ill', 'injured', 'travelling', 'competition', 'holiday', 'medication')",
            name=op.f("ck_day_tags_kind_known"),
        ),
        sa.CheckConstraint(
            "last_date IS NULL OR last_date >= first_date",
            name=op.f("ck_day_tags_last_after_first"),
        ),
    )
    op.create_table(
        "notes",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *times(),
        whose("notes"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_notes")),
    )
    op.create_index(
        op.f("ix_day_tags_organisation_id_client_id_first_date"),
        "day_tags",
        ["organisation_id", "client_id", "first_date"],
    )
    op.create_index(
        op.f("ix_notes_organisation_id_client_id_date"),
        "notes",
        ["organisation_id", "client_id", "date"],
    )
    for name in TABLES:
        for statement in protect(name):
            op.execute(statement)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def whose(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", "client_id"],
        ["clients.organisation_id", "clients.id"],
        name=op.f(f"fk_{table}_organisation_id_client_id"),
        ondelete="CASCADE",
    )
