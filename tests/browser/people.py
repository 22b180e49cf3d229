"""Who is in the browser tests: one client a story, so that the stories may come in any order."""

from dataclasses import dataclass
from uuid import UUID

from coach.accounts import people
from coach.accounts.models import Role
from coach.accounts.organisations import create_organisation
from coach.database.tenancy import act_for_nobody
from coach.demo.people import DemoClient
from coach.extensions import db
from tests.cast import PASSWORD

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
CLIENTS = (LINKS, UPLOADS, TYPES, REFUSES, SHARES, KEEPS, SCRIPTLESS, IMPORTS, RETURNS)


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
    db.session.flush()
    create_organisation("Elsewhere", slug="elsewhere")
    _member(STRANGER, "Yan Other", Role.COACH)
    db.session.commit()
    db.session.remove()
    act_for_nobody()


def _member(email: str, name: str, role: Role, timezone: str = "UTC") -> UUID:
    user = people.user_for(email, PASSWORD)
    return people.add_member(user, name=name, role=role, timezone=timezone).id
