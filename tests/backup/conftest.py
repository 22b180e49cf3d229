"""An installation to lose: two organisations, a linked client with days, an upload."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from coach import migrating
from coach.app import create_app
from coach.backup import making, restoring
from coach.backup.erasures import Entry
from coach.backup.restoring import Restored, Wish
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from config import Settings
from tests.cast import Cast, committed_cast
from tests.conftest import close
from tests.spare import spare_database
from tests.whoop.conftest import Linker, SimulatedWhoop
from tests.whoop.conftest import whoop as whoop  # noqa: PLC0414  # a fixture

# What a restore changes on purpose.
NOT_COMPARED = {
    *("user_sessions", "password_resets", "email_changes", "oauth_states"),
    *("work", "due_slots", "token_calls"),
}


@dataclass
class Installation:
    """A database and a home that may be lost."""

    settings: Settings
    folder: Path
    whoop: SimulatedWhoop

    @property
    def engine(self) -> Engine:
        return migrating.owner(self.settings)

    @contextmanager
    def running(self) -> Iterator[Flask]:
        """Have the application inside the block; after it nothing is connected."""
        app = create_app(self.settings)
        try:
            yield app
        finally:
            close(app)

    @contextmanager
    def inside(self) -> Iterator[Flask]:
        with self.running() as app, app.app_context():
            yield app
            db.session.remove()
            act_for_nobody()

    def backup(self, name: str = "one.backup") -> Path:
        file = self.folder / name
        making.make(self.settings, file)
        return file

    def restore(
        self,
        file: Path,
        *,
        replace: bool = True,
        without_links: bool = False,
        erased: tuple[Entry, ...] = (),
    ) -> Restored:
        return restoring.restore(self.settings, Wish(file, replace, without_links, erased))

    def tell(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def ask(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def contents(self) -> dict[str, tuple[object, ...]]:
        """Give count and hash of every table that a restore leaves as it was."""
        tables = self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            str(name): self.ask(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
            )[0]
            for (name,) in tables
            if name not in NOT_COMPARED
        }


@dataclass(frozen=True)
class Lived:
    """Who is in it."""

    cast: Cast
    upload: Path


@pytest.fixture(scope="module")
def first(
    settings: Settings, whoop: SimulatedWhoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, Lived]]:
    """Let Bea link WHOOP and have her days, and leave an upload; the others are copies of it."""
    folder = tmp_path_factory.mktemp("first")
    home = folder / "home"
    with spare_database(settings, home) as spare:
        own = spare.model_copy(
            update={
                "whoop_api_base_url": f"{whoop.origin}/developer",
                "whoop_oauth_base_url": f"{whoop.origin}/oauth/oauth2",
            }
        )
        migrating.upgrade(own)
        made = Installation(own, folder, whoop)
        yield made, _live(made)


def _live(installation: Installation) -> Lived:
    with installation.running() as app:
        with app.app_context():
            cast = committed_cast()
        linker = Linker(app, installation.whoop)
        linker.link(cast.bea, "mara")
        linker.work(cast.bea.organisation_id)
    upload = installation.settings.coach_home / "uploads" / "an.upload"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"an export of WHOOP")
    return Lived(cast, upload)


@pytest.fixture
def installation(first: tuple[Installation, Lived], tmp_path: Path) -> Iterator[Installation]:
    pattern, _ = first
    home = tmp_path / "home"
    shutil.copytree(pattern.settings.coach_home, home)
    with spare_database(pattern.settings, home, like=pattern.settings) as own:
        yield Installation(own, tmp_path, pattern.whoop)


@pytest.fixture
def lived(first: tuple[Installation, Lived], installation: Installation) -> Lived:
    upload = installation.settings.coach_home / "uploads" / "an.upload"
    return replace(first[1], upload=upload)
