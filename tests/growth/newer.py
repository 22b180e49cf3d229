"""A newer version's migrations: ours, and one that changes tables which are in use."""

import shutil
from pathlib import Path

from alembic.script import ScriptDirectory

from coach.app import MIGRATIONS

NEXT = '''"""What a newer version may ask of a table that everybody reads."""

from alembic import op

revision = "next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE daily_logs ADD COLUMN tried text")
    op.execute("CREATE TABLE tried (id uuid PRIMARY KEY)")
    with op.get_context().autocommit_block():
        # It waits for transactions that began before it, and nobody waits behind it.
        op.execute("SET lock_timeout = 0")
        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_tried ON daily_logs (date)")
'''


def newer_migrations(folder: Path) -> Path:
    """Make a copy of our migrations with one more."""
    made = folder / "migrations"
    shutil.copytree(MIGRATIONS, made, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    (made / "versions" / "next.py").write_text(NEXT.format(head=head))
    return made
