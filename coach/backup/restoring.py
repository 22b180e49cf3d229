"""Brings a backup back: checks first, then the swap, then what the restored past must be told."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, make_url

from coach import migrating
from coach.app import MIGRATIONS, create_app
from coach.backup import afterwards, archive, erasures, swapping
from coach.backup.archive import About
from coach.backup.erasures import Entry
from coach.cli import Refused
from coach.extensions import db
from coach.runtime.keys import make_home
from config import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asks for."""

    file: Path
    replace: bool
    without_links: bool
    erased_since: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Restored:
    """How it went."""

    about: About
    files: int
    tokens: int
    erased_again: int
    queue_emptied: bool


def restore(settings: Settings, wish: Wish) -> Restored:
    """Restore a backup into the database and the home of the settings; raises Refused.

    When it fails before the last row is loaded, what was there is there again.
    """
    engine = migrating.owner(settings)
    with archive.opened(wish.file) as (tar, about):
        _refuse_unfit(settings, about)
        with engine.connect() as connection:
            swapping.refuse_if_used(connection)
            if swapping.holds_people(connection) and not wish.replace:
                raise Refused("The database is not empty. --replace puts the backup in its place.")
            erased = [*erasures.in_database(connection), *wish.erased_since]
        migrating.make_app_role(engine, settings)
        _load(engine, settings, wish, about)
        make_home(settings.coach_home.absolute())
        files = archive.unpack_files(tar, settings.coach_home.absolute())
    return _set_right(settings, engine, wish, _Loaded(about, files, erased))


@dataclass(frozen=True, slots=True)
class _Loaded:
    about: About
    files: int
    erased: Sequence[Entry]


def _refuse_unfit(settings: Settings, about: About) -> None:
    """Raise Refused when the version or the keys do not fit the backup."""
    known = {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if about.revision not in known:
        raise Refused("The backup was made by a newer version of Coach. Restore it with that one.")
    if missing := set(about.keys) - settings.sealer.ids:
        raise Refused(
            f"The backup was sealed with keys that are missing here: {', '.join(sorted(missing))}."
            " Put them into ENCRYPTION_KEYS (or KMS_KEYS), behind the newest one."
        )


def _load(engine: Engine, settings: Settings, wish: Wish, about: About) -> None:
    url = make_url(settings.migration_database_url or "").render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(dir=wish.file.absolute().parent, prefix=".coach-") as folder:
        dump = Path(folder, archive.DUMP)
        with archive.opened(wish.file) as (tar, _):
            archive.unpack_dump(tar, dump)
        with swapping.instead_of_all(engine):
            swapping.load(engine, url, dump, about.rows)
            afterwards.put_in_order(engine, without_links=wish.without_links)


def _set_right(settings: Settings, engine: Engine, wish: Wish, loaded: _Loaded) -> Restored:
    """Bring the schema up to date, and do what needs the application."""
    migrating.upgrade(settings)
    tokens = 0 if wish.without_links else afterwards.count_as_sent(engine, settings.sealer)
    app = create_app(settings)
    with app.app_context():
        again = erasures.apply_again(loaded.erased, backed_up_at=loaded.about.made_at)
        emptied = _empty_queue()
        db.session.remove()
        db.engine.dispose()
    return Restored(loaded.about, loaded.files, tokens, again, emptied)


def _empty_queue() -> bool:
    redis: Redis = current_app.extensions["redis"]
    try:
        afterwards.empty_queue(redis)
    except RedisError:
        return False
    return True
