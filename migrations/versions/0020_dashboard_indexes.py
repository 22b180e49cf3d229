"""The primary key of days carries what a roster reads, so that hundreds of clients cost few pages.

After two years the days of one client lie on as many pages as there are days: 28 days of 500
clients were 13,000 pages. Such an index answers alone only for pages that a vacuum has seen.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CARRIED = (
    "recovery_score, hrv, resting_heart_rate, sleep_hours, strain, state, calibrating, doubtful"
)


def upgrade() -> None:
    replace_key(f" INCLUDE ({CARRIED})")
    # Otherwise a fifth of two years would have to be new before anybody looks.
    op.execute(
        "ALTER TABLE daily_logs SET (autovacuum_vacuum_scale_factor = 0.005,"
        " autovacuum_vacuum_insert_scale_factor = 0.005)"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE daily_logs RESET (autovacuum_vacuum_scale_factor,"
        " autovacuum_vacuum_insert_scale_factor)"
    )
    replace_key("")


def replace_key(carrying: str) -> None:
    op.execute(
        "ALTER TABLE daily_logs DROP CONSTRAINT pk_daily_logs, ADD CONSTRAINT pk_daily_logs"
        f" PRIMARY KEY (organisation_id, client_id, date){carrying}"
    )
