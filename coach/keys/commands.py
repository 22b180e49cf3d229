"""`coach rotate-keys`: seal everything with the newest key, online."""

import sys

import click
from sqlalchemy import Engine

from coach import migrating
from coach.accounts.installation import remember_key
from coach.cli import say, transaction
from coach.extensions import db, sealer, settings
from coach.keys import known, resealing
from coach.keys.resealing import Told
from coach.whoop.grant.spilling import pick_up_all


@click.command("rotate-keys")
@click.option("--json", "as_json", is_flag=True)
def rotate_keys(*, as_json: bool) -> None:
    """Seal every stored secret with the newest key; ends with 1 while an older one is needed."""
    with transaction():
        remember_key(sealer().newest)
        db.session.commit()
        pick_up_all()
        engine = migrating.owner(settings())
        told = _reseal(engine)
        used = resealing.uses(engine)
        known.retire(set(used))
        newest = sealer().newest
        say(
            {
                "newest": newest,
                "resealed": told.resealed,
                "busy": told.busy,
                "unreadable": len(told.unreadable),
                "needed": ",".join(sorted(set(used) - {newest})),
            },
            as_json=as_json,
        )
    for place in told.unreadable:
        click.echo(f"does not open: {place}", err=True)
    if told.busy or set(used) - {newest}:
        sys.exit(1)


def _reseal(engine: Engine) -> Told:
    """Show on a terminal how far it is."""
    if not sys.stderr.isatty():
        return resealing.reseal(engine, sealer())
    length = resealing.older(engine, sealer())
    with click.progressbar(length=length, label="Sealing", file=sys.stderr) as bar:
        return resealing.reseal(engine, sealer(), watch=bar.update)


COMMANDS = (rotate_keys,)
