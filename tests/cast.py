"""The people of all tests: Ann coaches Bea and Carl; Olga owns; Zoe's people are strangers."""

from dataclasses import dataclass
from functools import cache
from itertools import count
from uuid import UUID

from coach.accounts import audit
from coach.accounts.models import Client, CoachClient, Membership, Role, User
from coach.accounts.organisations import create_organisation
from coach.accounts.passwords import hash_password
from coach.database.tenancy import act_for_nobody, current_organisation
from coach.extensions import db
from coach.ids import new_id

PASSWORD = "correct horse battery"
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
    olga, ann, carla, bea, carl = _people(
        run, olga=Role.OWNER, ann=Role.COACH, carla=Role.COACH, bea=Role.CLIENT, carl=Role.CLIENT
    )
    _coaches(ann, bea, carl)
    create_organisation(f"Zoe's {run}", slug=f"zoe-{run}")
    zoe, yan, xenia = _people(run, zoe=Role.OWNER, yan=Role.COACH, xenia=Role.CLIENT)
    _coaches(yan, xenia)
    return Cast(olga, ann, carla, bea, carl, zoe, yan, xenia)


@cache
def _hashed() -> str:
    """Hash the password of everybody once, at what hashes cost by now."""
    return hash_password(PASSWORD)


def _people(run: str, **roles: Role) -> list[Somebody]:
    """Write the rows that `add_member` writes, all at once: half of all tests begin with it."""
    here = current_organisation()
    assert here
    found = [
        Somebody(
            f"{name}-{run}@example.org",
            new_id(),
            new_id(),
            here,
            new_id() if role is Role.CLIENT else None,
        )
        for name, role in roles.items()
    ]
    hashed = _hashed()
    db.session.add_all(User(id=it.user_id, email=it.email, password_hash=hashed) for it in found)
    db.session.flush()
    for who, (name, role) in zip(found, roles.items(), strict=True):
        named = {"organisation_id": here, "user_id": who.user_id, "name": name.title()}
        db.session.add(Membership(id=who.membership_id, role=role, **named))
        if who.client_id:
            db.session.add(Client(id=who.client_id, timezone="Europe/Berlin", **named))
        audit.record("member_added", by=None, subject=who.membership_id, details={"role": role})
    db.session.flush()
    return found


def _coaches(coach: Somebody, *clients: Somebody) -> None:
    """Write the rows that `assign` writes."""
    for each in clients:
        pair = {"coach_id": coach.membership_id, "client_id": each.client_id}
        db.session.add(CoachClient(organisation_id=coach.organisation_id, **pair))
        details = {"coach": str(coach.membership_id)}
        audit.record("coach_assigned", by=None, subject=each.client_id, details=details)
    db.session.flush()
