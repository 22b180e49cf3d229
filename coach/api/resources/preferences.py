"""What a person prefers: their own, by their own token or their organisation's service's."""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from coach.accounts import preferences
from coach.accounts.access import Viewer
from coach.api import auth, clients
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Said, Sparse
from coach.web.problems import Refused

TAG = "Clients"
Locale = Literal["en", "es", "ru"]
Hour = Field(None, ge=0, le=23, description="0 to 23, on the person's own clock")


class Preferences(Sparse):
    """Preferences; null means the usual."""

    trends_only: bool
    locale: str | None
    units: str | None
    theme: str | None
    week_start: int | None = Field(description="1 is Monday")
    reminder_hour: int | None


class ChangedPreferences(Said):
    """Preferences to change; those that are not named stay."""

    trends_only: bool = False
    locale: Locale | None = None
    units: Literal["metric", "imperial"] | None = None
    theme: Literal["light", "dark"] | None = None
    week_start: int | None = Field(None, ge=1, le=7, description="1 is Monday")
    reminder_hour: int | None = Hour


@operation("/clients/<client_id>/preferences", Scope.READ_DAYS, Preferences, tag=TAG)
def get_preferences(client_id: str) -> Preferences:
    """Say what a client prefers; whoever has no account prefers nothing: 404."""
    return _shown(_person(client_id))


@operation(
    "/clients/<client_id>/preferences", Scope.WRITE_DAYS, Preferences, tag=TAG, method="PATCH"
)
def change_preferences(client_id: str, json: ChangedPreferences) -> Preferences:
    """Change what a client prefers."""
    person = _person(client_id)
    said = json.model_dump(exclude_unset=True)
    if said:
        preferences.keep(person, **said)
    return _shown(person)


def _person(client_id: str) -> Viewer:
    client = clients.of_their_own(client_id)
    if client.user_id is None:
        raise Refused(404)
    return replace(auth.caller(), user_id=client.user_id)


def _shown(person: Viewer) -> Preferences:
    found = preferences.of(person)
    return Preferences.model_validate(
        {name: getattr(found, name) for name in Preferences.model_fields}
    )
