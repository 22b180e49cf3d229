"""`coach import`, `coach sync`, `coach rebuild`: bring a client's days up to date by hand."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

import click
from flask_babel import force_locale
from sqlalchemy import select

from coach import migrating
from coach.cli import Refused, enter_organisation_of, say, transaction
from coach.csv_import import importing, room, uploads
from coach.csv_import.errors import Refusal
from coach.csv_import.models import Import, ImportState
from coach.csv_import.words import REFUSALS
from coach.database.tenancy import current_organisation
from coach.days import deriving
from coach.extensions import db, settings
from coach.insights import refresh
from coach.whoop import apps
from coach.whoop.grant import app_health
from coach.whoop.models import Integration, Status, Trigger, WhoopApp
from coach.whoop.sync import jobs
from coach.work.leases import now
from coach.work.models import Work
from coach.work.perform import perform

NOT_KEPT = {
    uploads.NothingChosen: "There is nothing in these files.",
    uploads.TooManyFiles: "These are too many files at once. An export has four.",
    room.TooManyOpen: "Too many uploads of this client wait to be applied or discarded.",
    room.TooMuchKept: "The uploads of this client that are still kept are too large together.",
}
COUNTED = ("new", "changed", "unchanged", "repeated", "refused")
RECOGNISED = ("kind", "language", "generation")
PROBLEM = ("file", "line", "column", "value_class", "reason")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of this machine, as an upload gives one."""

    filename: str | None
    stream: IO[bytes]


@click.command("import")
@click.argument("client_id", type=click.UUID)
@click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    required=True,
    metavar="FILE...",
)
@click.option("--json", "as_json", is_flag=True)
def import_files(client_id: UUID, files: Sequence[Path], *, as_json: bool) -> None:
    """Bring FILEs of a WHOOP export (one ZIP, or CSVs) into a client's days, at once."""
    with transaction():
        enter_organisation_of(client_id)
        import_id = _keep(files, client_id)
        _read(import_id)
        importing.apply(import_id)
        done = db.session.get_one(Import, (current_organisation(), import_id))
        click.echo(json.dumps(_report(done), default=str) if as_json else _in_lines(done))
        refused = done.state != ImportState.DONE
    if refused:
        sys.exit(1)


@click.command("sync")
@click.argument("client_ids", type=click.UUID, nargs=-1, metavar="[CLIENT_ID]...")
@click.option("--now", "at_once", is_flag=True, help="Do it here instead of leaving it to workers.")
def sync(client_ids: Sequence[UUID], *, at_once: bool) -> None:
    """Ask WHOOP for news of these clients, or of everybody who is linked."""
    with transaction():
        if not settings().feature_whoop_integration:
            raise Refused("WHOOP is switched off here: FEATURE_WHOOP_INTEGRATION is not 1.")
        for client_id in client_ids or migrating.clients_of_all(settings()):
            enter_organisation_of(client_id)
            integration = _linked(client_id)
            if integration is not None:
                _sync(integration, client_id, at_once=at_once)
            elif client_ids:
                raise Refused(f"Client {client_id} is not linked to WHOOP.")


@click.command("rebuild")
@click.argument("client_ids", type=click.UUID, nargs=-1, metavar="[CLIENT_ID]...")
def rebuild(client_ids: Sequence[UUID]) -> None:
    """Derive every day again from what is stored, of these clients or of all; asks nobody."""
    with transaction():
        for client_id in client_ids or migrating.clients_of_all(settings()):
            enter_organisation_of(client_id)
            changed = deriving.rebuild(client_id)
            db.session.commit()
            insights = refresh.rebuild(client_id, now=now())
            db.session.commit()
            told = {"client_id": client_id, "days_changed": changed, "insights": insights}
            say(told, as_json=False)


@click.command("release-verdicts")
@click.argument("whoop_app", default=apps.INSTALLATION, metavar="[WHOOP_APP]")
def release_verdicts(whoop_app: str) -> None:
    """Let links end again after so many grants of a WHOOP app died at once that we waited."""
    with transaction():
        app_id = db.session.scalar(select(WhoopApp.id).filter_by(slug=whoop_app))
        if app_id is None:
            raise Refused(f"There is no WHOOP app {whoop_app!r}.")
        say({"released": app_health.release(app_id)}, as_json=False)


def _keep(files: Sequence[Path], client_id: UUID) -> UUID:
    with ExitStack() as opened:
        named = [_File(path.name, opened.enter_context(path.open("rb"))) for path in files]
        try:
            kept = uploads.keep(named, client_id=client_id, by=None).upload.id
        except tuple(NOT_KEPT) as why:
            raise Refused(NOT_KEPT[type(why)]) from None
        except OSError as error:
            raise Refused(f"The files cannot be stored: {error.strerror}.") from None
    db.session.commit()
    return kept


def _read(import_id: UUID) -> None:
    """Read an upload here and now, and show on a terminal how far it is."""
    if not sys.stderr.isatty():
        importing.run(import_id)
        return
    rows = importing.rows_of(import_id)
    with click.progressbar(length=rows, label="Reading", file=sys.stderr) as bar:
        importing.run(import_id, watch=bar.update)


def _report(done: Import) -> dict[str, object]:
    since, until = uploads.span(done, zone="UTC") or (None, None)
    return {
        "import_id": done.id,
        "state": done.state,
        "refusal": done.refusal,
        "since": since,
        "until": until,
        "rows": done.rows_done,
        "files": done.counts,
        "problems": done.refused,
    }


def _in_lines(done: Import) -> str:
    told = _report(done)
    named = ("import_id", "state", "refusal", "since", "until", "rows")
    lines = [f"{name}={told[name]}" for name in named if told[name] is not None]
    lines += [f"reason={_why(done.refusal)}"] if done.refusal else []
    for file, counts in done.counts.items():
        found = counts if isinstance(counts, dict) else {}
        said = [f"{what}={found.get(what, 0)}" for what in COUNTED]
        said += [f"{what}={found[what]}" for what in RECOGNISED if found.get(what)]
        lines.append(f"{file}: " + " ".join(said))
    return "\n".join([*lines, *map(_problem_in_line, done.refused)])


def _why(refusal: str) -> str:
    with force_locale("en"):  # as all commands speak
        return str(REFUSALS[Refusal(refusal)])


def _problem_in_line(problem: Mapping[str, object]) -> str:
    return "problem: " + " ".join(f"{what}={json.dumps(problem.get(what))}" for what in PROBLEM)


def _linked(client_id: UUID) -> Integration | None:
    return db.session.scalar(
        select(Integration).where(
            Integration.organisation_id == current_organisation(),
            Integration.client_id == client_id,
            Integration.status != Status.DISCONNECTED,
        )
    )


def _sync(integration: Integration, client_id: UUID, *, at_once: bool) -> None:
    """Make the work of a sync; with `at_once` do it here, unless a worker was quicker."""
    work_id = jobs.ask_for_sync(integration, trigger=Trigger.COMMAND)
    told: dict[str, object] = {"client_id": client_id, "work_id": work_id}
    key = (integration.organisation_id, integration.id)
    db.session.commit()
    if at_once:
        perform(str(work_id))
        told["work"] = db.session.get_one(Work, work_id).state
        told["status"] = db.session.get_one(Integration, key).status
    say(told, as_json=False)


COMMANDS = (import_files, sync, rebuild, release_verdicts)
