"""Who lives in the demo: an owner, two coaches and a dozen clients with different lives."""

from collections.abc import Mapping
from dataclasses import dataclass

from coach.accounts import organisations, people
from coach.accounts.models import Membership, Role
from coach.accounts.people import Newcomer
from coach.extensions import db

PASSWORD = "demo-demo-demo"  # noqa: S105  # printed by the demo, on loopback only
SLUG = "demo"


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A made-up client: how their data arrives, and where they live."""

    name: str
    member: str | None
    timezone: str
    exports: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.partition(' ')[0].lower()}@demo.example"


OWNER = Newcomer("olivia@demo.example", "Olivia Hart", PASSWORD)
COACHES = (
    Newcomer("anna@demo.example", "Anna Berg", PASSWORD),
    Newcomer("tom@demo.example", "Tom Reyes", PASSWORD),
)
CLIENTS = (
    DemoClient("Mara Ironwood", "mara", "Europe/Berlin"),
    DemoClient("Noah Winter", "noah", "Europe/Berlin"),
    DemoClient("Tessa Vale", "tessa", "Europe/London"),
    DemoClient("Omar Haddad", "omar", "Europe/Madrid"),
    DemoClient("Finn Larsen", "finn", "Europe/Oslo"),
    DemoClient("Lena Brandt", "lena", "Europe/Berlin"),
    DemoClient("Hugo Martin", "hugo", "Europe/Paris"),
    DemoClient("Ines Rocha", "ines", "Europe/Lisbon"),
    DemoClient("Ada Clarke", "ada", "Europe/London"),
    DemoClient("Priya Nair", "priya", "Europe/London", exports=True),
    DemoClient("Walter Stone", "walter", "America/New_York"),
    DemoClient("June Park", None, "Australia/Sydney"),
)
# What some clients answer this morning, which they share as well.
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "Mara Ironwood": {"sleep": "5", "stress": "3", "fatigue": "6", "soreness": "5", "mood": "5"},
    "Noah Winter": {"sleep": "3", "stress": "2", "fatigue": "3", "soreness": "2", "mood": "8"},
    "Omar Haddad": {"sleep": "4", "stress": "5", "fatigue": "4", "note": "Late flight."},
    "Hugo Martin": {"sleep": "2", "stress": "2", "fatigue": "2", "soreness": "3", "mood": "7"},
}
TAGS: Mapping[str, str] = {"Omar Haddad": "travelling"}


def make_people() -> bool:
    """Make the demo's organisation and people; False when they are there already."""
    if organisations.organisation_id_of(SLUG) is not None:
        return False
    organisations.create_organisation("Northside Coaching", slug=SLUG, timezone="Europe/Berlin")
    _member(OWNER, Role.OWNER)
    coaches = [_member(coach, Role.COACH) for coach in COACHES]
    for number, client in enumerate(CLIENTS):
        newcomer = Newcomer(client.email, client.name, PASSWORD)
        user = people.user_for(newcomer.email, PASSWORD)
        people.add_member(user, name=client.name, role=Role.CLIENT, timezone=client.timezone)
        made = people.client_of_user(user.id)
        if made is not None:
            people.assign(client_id=made.id, coach_id=coaches[number % 3 == 2].id, by=None)
    db.session.commit()
    return True


def _member(newcomer: Newcomer, role: Role) -> Membership:
    user = people.user_for(newcomer.email, newcomer.password)
    return people.add_member(user, name=newcomer.name, role=role)
