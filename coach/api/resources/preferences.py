"""What a person prefers: their own, and only by their own token."""

from typing import Literal

from pydantic import Field

from coach.accounts import preferences
from coach.accounts.models import Role
from coach.api import auth, clients
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Said

TAG = "Clients"
Locale = Literal["en", "es", "ru"]
Hour = Field(None, ge=0, le=23, description="0 to 23, on the person's own clock")


class Preferences(Answer):
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
    """Say what a client prefers."""
    _only_themselves(client_id)
    return _shown()


@operation(
    "/clients/<client_id>/preferences", Scope.WRITE_DAYS, Preferences, tag=TAG, method="PATCH"
)
def change_preferences(client_id: str, json: ChangedPreferences) -> Preferences:
    """Change what a client prefers."""
    _only_themselves(client_id)
    said = json.model_dump(exclude_unset=True)
    if said:
        preferences.keep(auth.caller(), **said)
    return _shown()


def _only_themselves(client_id: str) -> None:
    auth.only(Role.CLIENT)
    clients.find(client_id)


def _shown() -> Preferences:
    found = preferences.of(auth.caller())
    return Preferences.model_validate(
        {name: getattr(found, name) for name in Preferences.model_fields}
    )
