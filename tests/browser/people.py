"""Who is in the browser tests: one client a story, so that the stories may come in any order."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from coach.accounts import people
from coach.accounts.models import Client, Consent, FieldGroup, Role
from coach.accounts.organisations import create_organisation
from coach.database.tenancy import act_for_nobody
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.demo.people import DemoClient
from coach.extensions import db
from coach.insights import refresh
from tests.cast import PASSWORD
from tests.insights.lives import TODAY, Made, steady

COACH = "anna@browser.example"
OWNER = "olga@browser.example"
STRANGER = "yan@elsewhere.example"


@dataclass(frozen=True, slots=True)
class Person(DemoClient):
    """A client, with the simulated WHOOP member they are."""

    @property
    def email(self) -> str:
        return f"{self.name.partition(' ')[0].lower()}@browser.example"


LINKS = Person("Bea Linker", "mara", "Europe/Berlin")
UPLOADS = Person("Carl Loader", "priya", "Europe/London", exports=True)
TYPES = Person("Dora Typer", "tessa", "Europe/Berlin")
REFUSES = Person("Gina Denier", "hugo", "Europe/Paris")
SHARES = Person("Ella Sharer", "noah", "Europe/Berlin")
KEEPS = Person("Fred Keeper", "omar", "Europe/Madrid")
SCRIPTLESS = Person("Hugo Plain", "ines", "Europe/Lisbon", exports=True)
IMPORTS = Person("Iris Looker", "priya", "Europe/London", exports=True)
RETURNS = Person("Jana Returner", "hugo", "Europe/Paris", exports=True)
# Has lived steadily, but for a week of low heart rate variability; wears no WHOOP.
STANDS_OUT = Person("Nora Lower", "noah", "UTC")
CLIENTS = (LINKS, UPLOADS, TYPES, REFUSES, SHARES, KEEPS, SCRIPTLESS, IMPORTS, RETURNS, STANDS_OUT)


def make_everybody() -> None:
    """Make Anna's clients, and a coach of another organisation; call it in an application."""
    create_organisation("Northside", slug="northside")
    _member(OWNER, "Olga Owner", Role.OWNER)
    anna = _member(COACH, "Anna Berg", Role.COACH)
    for person in CLIENTS:
        _member(person.email, person.name, Role.CLIENT, person.timezone)
        made = people.client_of_user(people.user_for(person.email, None).id)
        assert made
        people.assign(client_id=made.id, coach_id=anna, by=None)
        if person is STANDS_OUT:
            _live(made)
    db.session.flush()
    create_organisation("Elsewhere", slug="elsewhere")
    _member(STRANGER, "Yan Other", Role.COACH)
    db.session.commit()
    db.session.remove()
    act_for_nobody()


def _live(client: Client) -> None:
    """Give somebody a hundred days, the last seven of which are out of their pattern."""
    now = datetime.now(UTC)
    low = Made({"hrv": steady("hrv", then=[45.0] * 7), "recovery_score": [70.0] * 100})
    moved = now.date() - TODAY
    days = {day + moved: Reading(Source.WHOOP, values) for day, values in low.days()}
    store.record(client.id, Source.WHOOP, days)
    mine = {"organisation_id": client.organisation_id, "client_id": client.id}
    db.session.add_all(Consent(field_group=it, text_version="1", **mine) for it in FieldGroup)
    db.session.flush()
    refresh.refresh(client.id, now=now)


def _member(email: str, name: str, role: Role, timezone: str = "UTC") -> UUID:
    user = people.user_for(email, PASSWORD)
    return people.add_member(user, name=name, role=role, timezone=timezone).id
