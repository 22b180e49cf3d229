"""`coach audit`: who saw a client between two moments."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
from sqlalchemy import select

from coach.accounts.models import User
from coach.cli import Refused, enter_organisation_of, transaction
from coach.extensions import db
from coach.privacy import looking_back
from coach.privacy.looking_back import Entry
from coach.work.leases import now

A_DAY = timedelta(days=1)


@click.command("audit")
@click.argument("client_id", type=click.UUID)
@click.option("--from", "since", metavar="T", help="ISO 8601; UTC unless it says otherwise.")
@click.option("--to", "until", metavar="T", help="ISO 8601; now when left out.")
@click.option("--json", "as_json", is_flag=True)
def audit(client_id: UUID, since: str | None, until: str | None, *, as_json: bool) -> None:
    """Say who saw a client between two moments."""
    with transaction():
        enter_organisation_of(client_id)
        last = _moment(until) or now()
        found = looking_back.who_saw(client_id, _moment(since) or last - A_DAY, last)
        emails = _emails(found)
        told = [_told(entry, emails) for entry in found]
    if as_json:
        click.echo(json.dumps({"client_id": str(client_id), "looks": told}))
    else:
        for line in told:
            click.echo(" ".join(f"{key}={value}" for key, value in line.items()))
        click.echo(f"looks={len(told)}")


def _told(entry: Entry, emails: dict[UUID, str]) -> dict[str, str]:
    return {
        "at": entry.at.isoformat(),
        "user_id": str(entry.actor_id or ""),
        "email": emails.get(entry.actor_id, "") if entry.actor_id else "",
        "action": entry.action,
        "page": entry.page,
        "groups": ",".join(entry.groups),
    }


def _emails(found: list[Entry]) -> dict[UUID, str]:
    ids = {entry.actor_id for entry in found}
    pairs = db.session.execute(select(User.id, User.email).where(User.id.in_(ids)))
    return {user_id: email for user_id, email in pairs}  # noqa: C416  # a Row is no pair to mypy


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no moment; write one as 2026-05-14T07:40.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


COMMANDS = (audit,)
