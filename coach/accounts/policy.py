"""What an organisation asks of those who see its clients: a second factor."""

from dataclasses import dataclass

from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.accounts.models import Membership, Organisation, Role
from coach.accounts.person_models import SecondFactor
from coach.extensions import db

# Asked by machines: nobody is looked up for them.
NOBODYS = frozenset({"static", "health.alive", "health.ready", "metrics.show"})
# Open to who still owes a second factor: setting it up, leaving, and what every page needs.
OPEN = frozenset(
    {
        *("legal.privacy", "legal.terms"),
        *("factors.show", "factors.confirm", "factors.prove", "factors.code"),
        *("accounts.sign_in", "accounts.sign_out", "accounts.switch"),
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff, and whether they have a second factor."""

    name: str
    has_factor: bool


def is_required(by: Viewer) -> bool:
    """Tell whether coaches and owners here need a second factor."""
    return db.session.get_one(Organisation, by.organisation_id).mfa_required


def require(*, required: bool, by: Viewer) -> None:
    """Ask for a second factor from the next page on, or no longer."""
    db.session.get_one(Organisation, by.organisation_id).mfa_required = required
    audit.record("policy_changed", by=by.user_id, details={"mfa_required": int(required)})


def staff(by: Viewer) -> list[Member]:
    """List coaches and owners, and who of them is ready."""
    chosen = (
        select(Membership.name, SecondFactor.confirmed_at)
        .join(SecondFactor, SecondFactor.user_id == Membership.user_id, isouter=True)
        .where(
            Membership.organisation_id == by.organisation_id,
            Membership.role != Role.CLIENT,
            Membership.removed_at.is_(None),
        )
        .order_by(Membership.name)
    )
    return [Member(name, since is not None) for name, since in db.session.execute(chosen)]
