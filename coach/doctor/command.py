"""`coach doctor`: take every look, print one line for each finding."""

import json
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import asdict

import click
from flask import current_app
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from coach.app import create_app
from coach.doctor import database, in_transit, machine, queue, sealed, whoop
from coach.doctor.findings import Finding, Ground, Level, Look, fail, ok, taken, warn
from coach.extensions import db
from coach.runtime.services import provide
from config import Settings, SettingsError


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True)
def doctor(*, as_json: bool) -> None:
    """Say how this installation stands and what is to be done; ends with 1 when something fails."""
    found = list(_examine())
    if as_json:
        click.echo(json.dumps({"findings": [asdict(each) for each in found]}))
    else:
        for each in found:
            click.echo(each.as_line())
        counts = Counter(each.level for each in found)
        click.echo(" ".join(f"{level}={counts[level]}" for level in Level))
    if any(each.level is Level.FAIL for each in found):
        sys.exit(1)


def _examine() -> Iterator[Finding]:
    try:
        settings = provide(Settings.from_env(os.environ))
        ring = settings.sealer
    except SettingsError as error:
        yield fail("settings", " ".join(str(error).split()), "See docs/running.md.")
        return
    yield ok("settings", f"complete; {len(ring.ids)} keys")
    with create_app(settings).app_context():
        try:
            yield from _looks(Ground(settings, _all_rows(settings)))
        finally:
            db.session.remove()
            db.engine.dispose()
            current_app.extensions["redis"].close()


def _looks(ground: Ground) -> Iterator[Finding]:
    there = yield from _told(database.reachable, ground)
    queued = yield from _told(queue.reachable, ground)
    wanted: list[Look] = [*machine.LOOKS]
    wanted += (*queue.IN_REDIS, in_transit.to_redis) if queued else ()
    wanted += (*database.LOOKS, *queue.IN_DATABASE, *sealed.LOOKS) if there else ()
    wanted += (in_transit.to_postgresql,) if there else ()
    if ground.settings.feature_whoop_integration:
        wanted += [*whoop.BY_SETTINGS, *(whoop.IN_DATABASE if there else ())]
    else:
        yield ok("WHOOP", "switched off (FEATURE_WHOOP_INTEGRATION)")
    for look in wanted:
        yield from taken(look, ground)
    if not (there and queued):
        yield warn("not looked at", "what needs the parts that fail", "Mend them, then look again.")


def _told(look: Look, ground: Ground) -> Generator[Finding, None, bool]:
    """Take a look whose outcome decides about others; gives whether nothing fails."""
    found = list(taken(look, ground))
    yield from found
    return all(each.level is not Level.FAIL for each in found)


def _all_rows(settings: Settings) -> Engine | None:
    url = settings.migration_database_url or settings.backup_database_url
    limits = {"connect_timeout": 5}
    return create_engine(url, poolclass=NullPool, connect_args=limits) if url else None


COMMANDS = (doctor,)
