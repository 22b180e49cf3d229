"""`coach audit`: who saw a client between two moments, and whether the log is what it was."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
from sqlalchemy import select

from coach.accounts import audit_chain
from coach.accounts.audit_chain import Head
from coach.accounts.models import User
from coach.accounts.organisations import every_organisation
from coach.cli import Refused, enter_organisation, enter_organisation_of, say, transaction
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.privacy import looking_back
from coach.privacy.looking_back import Entry
from coach.work.leases import now

A_DAY = timedelta(days=1)


class WhoSawByDefault(click.Group):
    """`coach audit CLIENT_ID` is the question that is asked in a hurry: it needs no verb."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["who-saw", *args]
        return super().parse_args(ctx, args)


@click.group("audit", cls=WhoSawByDefault)
def audit() -> None:
    """Who saw a client (`coach audit CLIENT_ID`), and whether the log is whole."""


@audit.command("verify")
@click.option("--organisation", "slug", help="Its short name; all of them when left out.")
@click.option("--anchor", metavar="NUMBER:HASH", help="A seal that must still stand.")
@click.option("--json", "as_json", is_flag=True)
def verify(slug: str | None, anchor: str | None, *, as_json: bool) -> None:
    """Find every entry of the log that was changed, moved, taken out or slipped in."""
    if anchor and not slug:
        raise Refused("A seal belongs to one organisation: name it by --organisation.")
    with transaction():
        chosen = [enter_organisation(slug)] if slug else every_organisation()
        faults = sum(_verified(each, anchor, as_json=as_json) for each in chosen)
    if faults:
        raise Refused(f"The audit log is not what it was: {faults} faults.")


def _verified(organisation_id: UUID, anchor: str | None, *, as_json: bool) -> int:
    """Check one organisation and say what was found; how many faults."""
    act_for(organisation_id, user_id=None, session=db.session())
    head, faults = audit_chain.head(organisation_id), 0
    for fault in _told_faults(organisation_id, anchor):
        faults += 1
        say({"organisation_id": organisation_id, **fault}, as_json=as_json)
    newest = f"{head.number}:{head.chain_hash}"
    found = {"organisation_id": organisation_id, "sealed": head.number, "head": newest}
    say({**found, "faults": faults}, as_json=as_json)
    return faults


def _told_faults(organisation_id: UUID, anchor: str | None) -> Iterator[dict[str, object]]:
    if anchor and not audit_chain.stands(organisation_id, _seal(anchor)):
        yield {"fault": "anchor", "number": _seal(anchor).number, "entry_id": ""}
    for fault in audit_chain.verify(organisation_id):
        number, entry_id = fault.number or "", fault.entry_id or ""
        yield {"fault": fault.wrong.value, "number": number, "entry_id": entry_id}


def _seal(anchor: str) -> Head:
    number, _, chain_hash = anchor.partition(":")
    if not number.isdecimal() or not chain_hash:
        raise Refused(f"{anchor!r} is no seal; give NUMBER:HASH as `head=` shows it.")
    return Head(int(number), chain_hash)


@audit.command("who-saw")
@click.argument("client_id", type=click.UUID)
@click.option("--from", "since", metavar="T", help="ISO 8601; UTC unless it says otherwise.")
@click.option("--to", "until", metavar="T", help="ISO 8601; now when left out.")
@click.option("--json", "as_json", is_flag=True)
def who_saw(client_id: UUID, since: str | None, until: str | None, *, as_json: bool) -> None:
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
