"""The client an address names: an id, `ext:` and the organisation's own id, or `me`."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import g

from coach.accounts import audit
from coach.accounts.models import Client, FieldGroup, Role
from coach.api import auth
from coach.days.calendar import today
from coach.extensions import db
from coach.web.problems import Refused, invalid

EXTERNAL, ME = "ext:", "me"
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Looked:
    """A client who was found, and which groups of theirs the caller may see."""

    client: Client
    shares: frozenset[FieldGroup]

    def sees(self, *groups: FieldGroup) -> bool:
        """Tell whether any of some groups is shared."""
        return bool(self.shares & set(groups))

    @property
    def withheld(self) -> list[str]:
        """Name the groups that are not shared."""
        return withheld(self.shares)


def withheld(shares: frozenset[FieldGroup]) -> list[str]:
    """Name the groups that are not shared."""
    return sorted(group.value for group in FieldGroup if group not in shares)


def find(reference: str) -> Client:
    """Find a client the caller may know of; a stranger's and an absent one answer alike."""
    known = auth.caller().clients()
    if reference == ME:
        return db.first_or_404(known.where(Client.user_id == auth.caller().user_id))
    if reference.startswith(EXTERNAL):
        wanted = Client.external_id == reference.removeprefix(EXTERNAL).replace("\0", "")
        return db.first_or_404(known.where(wanted))
    try:
        return auth.caller().client_or_404(UUID(reference))
    except ValueError:
        raise Refused(404) from None


def look(reference: str, what: str) -> Looked:
    """Find a client to read something of, and write down that somebody looked."""
    client = find(reference)
    shares = auth.shared(client.id)
    if auth.caller().role is not Role.CLIENT:
        audit.viewed(f"api {what}", client.id, shares, by=auth.caller().user_id)
    return Looked(client, shares)


def of_their_own(reference: str) -> Client:
    """Find a client to write for as themselves: the person, or their organisation's back end."""
    auth.only(Role.CLIENT, service=True)
    return find(reference)


def coached(reference: str) -> Client:
    """Find a client whom the caller coaches; a service coaches nobody."""
    auth.only(Role.OWNER, Role.COACH)
    client = find(reference)
    return auth.caller().coached_or_404(client.id)


def today_of(client: Client) -> date:
    """Say which date it is for a client."""
    return today(g.asked_at, client.timezone)


def day_in_path(typed: str, *, client: Client) -> date:
    """Read a date of an address; raises Refused for what is no day, or still to come."""
    day = _iso(typed)
    if day is None:
        raise invalid("date", "must be a date such as 2026-05-14")
    return past_day(day, client=client)


def past_day(day: date, *, client: Client) -> date:
    """Accept a date on which somebody may have lived with us; raises Refused."""
    if not EARLIEST <= day <= today_of(client):
        raise invalid("date", f"must lie from {EARLIEST} to the client's today")
    return day


def _iso(typed: str) -> date | None:
    """Read a date written in full; the library reads more than that."""
    try:
        return date.fromisoformat(typed) if len(typed) == len("2026-05-14") else None
    except ValueError:
        return None
