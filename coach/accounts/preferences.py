"""What a person prefers in one organisation; a missing row, and a missing value, mean the usual."""

from sqlalchemy.dialects.postgresql import insert

from coach.accounts.access import Viewer
from coach.accounts.person_models import UserPreference
from coach.extensions import db


def of(person: Viewer) -> UserPreference:
    """Find what a person prefers; an unsaved row of nothing where they never said."""
    found = db.session.get(UserPreference, (person.organisation_id, person.user_id))
    return found or UserPreference(
        organisation_id=person.organisation_id, user_id=person.user_id, trends_only=False
    )


def keep(person: Viewer, **said: bool | int | str | None) -> None:
    """Store some preferences by the names of their columns; the others stay as they are."""
    row = insert(UserPreference).values(
        organisation_id=person.organisation_id, user_id=person.user_id, **said
    )
    key = ["organisation_id", "user_id"]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_=said))
    db.session.expire_all()
