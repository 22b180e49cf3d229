"""All that one simulated WHOOP knows, held by its Flask app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask import current_app

from coach.simulator.grants import Grants
from coach.simulator.journal import Journal
from coach.simulator.limits import RateLimit
from coach.simulator.members import Member
from coach.simulator.options import Options
from coach.simulator.visits import Visits


@dataclass(frozen=True, slots=True)
class Registration:
    """The one app that is registered here."""

    client_id: str
    client_secret: str
    redirect_uris: frozenset[str]


@dataclass(frozen=True, slots=True)
class World:
    registration: Registration
    members: tuple[Member, ...]
    clock: Callable[[], datetime]
    options: Options
    grants: Grants
    visits: Visits
    limit: RateLimit
    journal: Journal = field(default_factory=Journal)
    deleted: set[UUID] = field(default_factory=set)

    def member(self, user_id: int) -> Member | None:
        return next((each for each in self.members if each.user_id == user_id), None)

    def member_by_email(self, email: str) -> Member | None:
        wanted = email.strip().lower()
        return next((each for each in self.members if each.email == wanted), None)


def world() -> World:
    """Return the world of the app that answers this request."""
    found = current_app.extensions["simulator"]
    if not isinstance(found, World):
        raise TypeError("this app is no simulated WHOOP")
    return found
