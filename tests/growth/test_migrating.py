"""A migration beside living traffic: who reads is not held up by a migration that waits; R-98."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from coach import migrating
from config import Settings
from tests.growth.newer import newer_migrations
from tests.spare import spare_database

READ = text("SELECT count(*) FROM daily_logs")
PATIENCE = 120.0


class Pauses:
    """Stands in for `time`: a pause lasts until the test lets it end."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()

    def sleep(self, _seconds: float) -> None:
        self.begun.set()
        self.over.wait(PATIENCE)


@pytest.fixture
def own(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Give an installation in step, to which a newer version comes."""
    with spare_database(settings, tmp_path / "home") as spare:
        migrating.upgrade(spare)
        monkeypatch.setattr(migrating, "MIGRATIONS", newer_migrations(tmp_path))
        yield spare


def is_migrated(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT to_regclass('public.tried') IS NOT NULL")) is True


def test_a_migration_gives_way_to_who_reads_and_comes_back(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses, engine = Pauses(), migrating.owner(own)
    monkeypatch.setattr(migrating, "time", pauses)
    bringing = threading.Thread(target=migrating.upgrade, args=(own,))
    with engine.connect() as reader, engine.connect() as another:
        reader.execute(READ)  # and stays in its transaction
        bringing.start()
        assert pauses.begun.wait(PATIENCE)
        another.execute(text("SET lock_timeout = '1ms'"))
        assert another.scalar(READ) == 0  # nobody queues behind a migration that pauses
    assert not is_migrated(engine)
    pauses.over.set()
    bringing.join(PATIENCE)
    assert is_migrated(engine)


def test_a_table_that_is_never_free_ends_the_migration_with_nothing_half_done(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 2)
    monkeypatch.setattr(migrating, "time", SimpleNamespace(sleep=lambda _seconds: None))
    engine = migrating.owner(own)
    with engine.connect() as reader:
        reader.execute(READ)
        with pytest.raises(OperationalError, match="lock timeout"):
            migrating.upgrade(own)
    assert not is_migrated(engine)
