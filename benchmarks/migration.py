"""R-98, L-19: what pages notice of a migration that changes the largest table of a population.

`HOME_DIR=… [PAGES=20 SECONDS=60] make bench NAME=migration`. The migration is of the usual kind: a
column that may be empty and an index made concurrently on `daily_logs`, and a new table. It is taken
back at the end, so that a population that is kept stays as it was.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import text

from benchmarks.at_work import AtWork, figures
from benchmarks.population.home import populated
from benchmarks.population.size import Size
from coach import migrating
from coach.runtime.services import provide
from config import Settings
from tests.growth.newer import newer_migrations

SECONDS = float(os.environ.get("SECONDS", "60"))
PAGES_PER_SECOND = float(os.environ.get("PAGES", "20"))
_VERSION = text("SELECT version_num FROM alembic_version")
_BACK = (
    "DROP INDEX IF EXISTS ix_tried",
    "ALTER TABLE daily_logs DROP COLUMN IF EXISTS tried",
    "DROP TABLE IF EXISTS tried",
)


def main() -> None:
    """Measure pages alone, then while the migration runs; take it back."""
    with populated(Size.of_environment()) as stage:
        settings = provide(Settings.from_env(stage.environment))
        coaches, ends = AtWork.on(stage), time.monotonic() + SECONDS
        alone = coaches.open_pages(lambda: time.monotonic() < ends, PAGES_PER_SECOND)
        began = time.monotonic()
        with _newer(settings) as bringing:
            beside = coaches.open_pages(bringing.is_alive, PAGES_PER_SECOND)
            took = time.monotonic() - began
            brought = _version(settings)
        print((stage.home / "population.made").read_text(), file=sys.stderr)
    if brought != "next":
        raise SystemExit("the migration did not come to its end")
    told = {"migration_s": round(took, 1), "per_second": PAGES_PER_SECOND}
    print(json.dumps(told | figures("alone", alone) | figures("beside", beside)))


@contextmanager
def _newer(settings: Settings) -> Iterator[threading.Thread]:
    """Bring a newer version's schema in a thread of its own; the old one is back afterwards."""
    before = _version(settings)
    with tempfile.TemporaryDirectory() as folder:
        newer = newer_migrations(Path(folder))
        with patch.object(migrating, "MIGRATIONS", newer):
            bringing = threading.Thread(target=migrating.upgrade, args=(settings,))
            bringing.start()
            try:
                yield bringing
            finally:
                bringing.join()
                _take_back(settings, before)


def _version(settings: Settings) -> str:
    with migrating.owner(settings).connect() as connection:
        return str(connection.scalar(_VERSION))


def _take_back(settings: Settings, version: str) -> None:
    with migrating.owner(settings).begin() as connection:
        for statement in _BACK:
            connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": version})


if __name__ == "__main__":
    main()
