"""What the importer keeps beside the rows: previews and reach; sleeps, workouts, the journal.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = ("waiting", "reading", "preview", "done", "refused", "undone")
OF_A_SLEEP = {
    "sleep_hours": (0, 24),
    "sleep_quality": (0, 100),
    "respiratory_rate": (4, 60),
    "sleep_efficiency": (0, 100),
    "sleep_consistency": (0, 100),
    "in_bed_hours": (0, 24),
    "light_hours": (0, 24),
    "deep_hours": (0, 24),
    "rem_hours": (0, 24),
    "awake_hours": (0, 24),
    "sleep_need_hours": (0, 24),
    "sleep_debt_hours": (0, 24),
}
OF_A_WORKOUT = {
    "strain": (0, 21),
    "energy_kj": (0, 80_000),
    "average_heart_rate": (20, 250),
    "max_heart_rate": (20, 260),
    **{f"zone_{zone}_minutes": (0, 1440) for zone in range(6)},
    "distance_m": (0, 1_000_000),
    "altitude_gain_m": (0, 20_000),
    "altitude_change_m": (-20_000, 20_000),
}
WHOLE = {"average_heart_rate", "max_heart_rate"}


def upgrade() -> None:
    op.add_column("imports", sa.Column("reaches_to", sa.DateTime(timezone=True), nullable=True))
    _let_states_be(STATES)
    op.create_index(
        "uq_imports_file",
        "imports",
        ["organisation_id", "client_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('refused', 'undone')"),
    )
    op.create_index(
        op.f("ix_import_rows_organisation_id_client_id_starts_at"),
        "import_rows",
        ["organisation_id", "client_id", "starts_at"],
    )
    nap, activity = sa.Column("nap", sa.Boolean()), sa.Column("activity", sa.String())
    _create_table("sleeps", *_times(), nap, *_numbers("sleeps", OF_A_SLEEP))
    _create_table("workouts", *_times(), activity, *_numbers("workouts", OF_A_WORKOUT))
    _create_table(
        "journal_entries",
        sa.Column("cycle_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answered_yes", sa.Boolean()),
        sa.Column("notes", sa.String()),
    )


def downgrade() -> None:
    for table in ("journal_entries", "workouts", "sleeps"):
        op.drop_table(table)
    op.drop_index(op.f("ix_import_rows_organisation_id_client_id_starts_at"), "import_rows")
    op.drop_index("uq_imports_file", "imports")
    op.execute("UPDATE imports SET state = 'waiting' WHERE state = 'preview'")
    _let_states_be([state for state in STATES if state != "preview"])
    op.drop_column("imports", "reaches_to")


def _let_states_be(states: list[str] | tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint(op.f("ck_imports_state_known"), "imports", type_="check")
    op.create_check_constraint(op.f("ck_imports_state_known"), "imports", f"state IN ({listed})")


def _create_table(name: str, *columns: sa.Column | sa.CheckConstraint) -> None:
    op.create_table(
        name,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        *columns,
        *(_moment(column) for column in ("created_at", "updated_at")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f(f"fk_{name}_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", "key", name=op.f(f"pk_{name}")),
    )
    op.create_index(
        op.f(f"ix_{name}_organisation_id_client_id_date"),
        name,
        ["organisation_id", "client_id", "date"],
    )
    for statement in protect(name):
        op.execute(statement)


def _times() -> list[sa.Column]:
    return [
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
    ]


def _numbers(
    table: str, ranges: dict[str, tuple[int, int]]
) -> list[sa.Column | sa.CheckConstraint]:
    columns = [sa.Column(name, sa.Integer() if name in WHOLE else sa.Float()) for name in ranges]
    checks = [
        sa.CheckConstraint(
            f"{name} BETWEEN {low} AND {high}", name=op.f(f"ck_{table}_{name}_range")
        )
        for name, (low, high) in ranges.items()
    ]
    return [*columns, *checks]


def _moment(name: str) -> sa.Column:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
