"""`coach backup`, `coach restore`, `coach erasures`."""

import os
from pathlib import Path

import click

from coach import migrating
from coach.backup import erasures, making, restoring
from coach.cli import Refused, say
from coach.runtime.services import provide
from config import Settings

A_FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("backup")
@click.argument("file", type=A_FILE)
@click.option("--json", "as_json", is_flag=True)
def backup(file: Path, *, as_json: bool) -> None:
    """Write database and uploads into FILE, while everybody works; the keys are not in it."""
    if file.exists():
        raise Refused(f"{file} exists already.")
    if not os.access(file.absolute().parent, os.W_OK):
        raise Refused(f"{file.absolute().parent} is no folder that we may write into.")
    about = making.make(provide(Settings.from_env(os.environ)), file)
    told: dict[str, object] = {"file": file, "bytes": file.stat().st_size}
    rows = sum(about.rows.values())
    say(
        told | {"rows": rows, "revision": about.revision, "keys": ",".join(about.keys)},
        as_json=as_json,
    )


@click.command("restore")
@click.argument("file", type=THERE)
@click.option("--replace", is_flag=True, help="Also when people are in the database: they go.")
@click.option("--without-links", is_flag=True, help="For a copy: use no grant, send no mail.")
@click.option("--erasures", "lists", type=THERE, multiple=True, help="From `coach erasures`.")
@click.option("--json", "as_json", is_flag=True)
def restore(
    file: Path, lists: tuple[Path, ...], *, replace: bool, without_links: bool, as_json: bool
) -> None:
    """Put the backup in FILE in the place of what is there; web and workers must be stopped."""
    erased = [entry for path in lists for entry in erasures.in_file(path)]
    wish = restoring.Wish(file, replace, without_links, erased)
    done = restoring.restore(provide(Settings.from_env(os.environ)), wish)
    say(
        {
            "made_at": done.about.made_at.isoformat(),
            "rows": sum(done.about.rows.values()),
            "files": done.files,
            "tokens_tried_once": done.tokens,
            "erased_again": done.erased_again,
            "queue": "emptied" if done.queue_emptied else "not reachable",
        },
        as_json=as_json,
    )


@click.command("erasures")
def list_erasures() -> None:
    """Print who was erased, ids only, to be kept apart from backups."""
    settings = provide(Settings.from_env(os.environ))
    with migrating.owner(settings).connect() as connection:
        for line in erasures.as_lines(erasures.in_database(connection)):
            click.echo(line)


COMMANDS = (backup, restore, list_erasures)
