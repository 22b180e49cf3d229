"""Where a population lives: a folder that is kept and found again, or one for this run only."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.installation import KEPT, SECRET
from benchmarks.population.making import make
from benchmarks.population.size import Size
from coach import migrating
from coach.runtime.home import open_home
from coach.runtime.services import provide
from config import Settings
from tests.processes.stage import Stage, free_port

MADE = "population.made"
# Of one day of one client, with all that follows and the log that is written while it is made.
BYTES_A_DAY = 2_700


@contextmanager
def populated(size: Size) -> Iterator[Stage]:
    """Give an installation with its population, made if need be; no process of ours runs yet.

    HOME_DIR names the folder to keep it in; the size of what stands there already wins.
    """
    kept = os.environ.get("HOME_DIR")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        with _installation(Path(kept), size) as stage:
            yield stage
        return
    with (
        tempfile.TemporaryDirectory(prefix="coach-population-") as folder,
        _installation(Path(folder), size) as stage,
    ):
        yield stage


@contextmanager
def _installation(home: Path, size: Size) -> Iterator[Stage]:
    home.chmod(0o711)
    with open_home(home, postgres=True, valkey=True) as services:
        addresses = {
            "DATABASE_URL": str(services.database_url),
            "MIGRATION_DATABASE_URL": str(services.migration_url),
            "REDIS_URL": str(services.redis_url),
        }
        stage = Stage(home, _environment(home) | addresses)
        migrating.upgrade(provide(Settings.from_env(stage.environment)))
        if not (home / MADE).exists():
            _see_to_room(home, size)
            print(f"making {size}", file=sys.stderr)
            make(str(services.migration_url), size)
            (home / MADE).write_text(f"{size}\n")
        try:
            yield stage
        finally:
            stage.close()


def _see_to_room(home: Path, size: Size) -> None:
    """Stop before the disk is full, which PostgreSQL would tell half an hour from now."""
    needed, free = size.clients * size.days * BYTES_A_DAY, shutil.disk_usage(home).free
    if free < needed:
        raise SystemExit(
            f"{size} takes {needed / 1e9:.1f} GB, and {free / 1e9:.1f} are free."
            " CLIENTS, DAYS and ORGANISATIONS make it smaller; HOME_DIR keeps one that was made."
        )


def _environment(home: Path) -> dict[str, str]:
    port = free_port()
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "ENVIRONMENT": "test",
        "COACH_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": "benchmark-client",
        "WHOOP_CLIENT_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
    }
