"""The people of all tests: Ann coaches Bea and Carl; Olga owns; Zoe's people are strangers."""

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from coach.accounts.models import Role, User
from coach.accounts.organisations import create_organisation
from coach.accounts.passwords import hash_password
from coach.accounts.people import add_member, assign, client_of_user
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from coach.ids import new_id

PASSWORD = "correct horse battery"
_hashed = hash_password(PASSWORD)
_number = count(1)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A member: who they are and how they sign in."""

    email: str
    user_id: UUID
    membership_id: UUID
    organisation_id: UUID
    client_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Two organisations that know nothing of each other."""

    olga: Somebody
    ann: Somebody
    carla: Somebody  # a coach who coaches nobody here
    bea: Somebody
    carl: Somebody
    zoe: Somebody  # owns the other organisation
    yan: Somebody  # coaches there
    xenia: Somebody  # is coached there


def committed_cast() -> Cast:
    """Make both organisations, in an application context, and act for nobody again."""
    made = _cast()
    db.session.commit()
    db.session.remove()
    act_for_nobody()
    return made


def _cast() -> Cast:
    run = f"{next(_number)}-{new_id().hex[-8:]}"
    create_organisation(f"Ann's {run}", slug=f"ann-{run}")
    olga, ann = _member("olga", Role.OWNER, run), _member("ann", Role.COACH, run)
    carla = _member("carla", Role.COACH, run)
    bea, carl = _member("bea", Role.CLIENT, run), _member("carl", Role.CLIENT, run)
    for client in (bea, carl):
        assert client.client_id
        assign(client_id=client.client_id, coach_id=ann.membership_id, by=None)
    db.session.flush()
    create_organisation(f"Zoe's {run}", slug=f"zoe-{run}")
    zoe, yan = _member("zoe", Role.OWNER, run), _member("yan", Role.COACH, run)
    xenia = _member("xenia", Role.CLIENT, run)
    assert xenia.client_id
    assign(client_id=xenia.client_id, coach_id=yan.membership_id, by=None)
    return Cast(olga, ann, carla, bea, carl, zoe, yan, xenia)


def _member(name: str, role: Role, run: str) -> Somebody:
    user = User(id=new_id(), email=f"{name}-{run}@example.org", password_hash=_hashed)
    db.session.add(user)
    db.session.flush()
    member = add_member(user, name=name.title(), role=role, timezone="Europe/Berlin")
    client = client_of_user(user.id)
    return Somebody(
        user.email, user.id, member.id, member.organisation_id, client.id if client else None
    )
