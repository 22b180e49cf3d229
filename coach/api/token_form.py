"""What a new token is to be: its name, for whom, for what and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coach.api.models import Holder
from coach.api.scopes import Scope
from coach.api.tokens import Wanted

LONGEST_NAME = 80
LASTS_DAYS = (30, 90, 365)


@dataclass(slots=True)
class TokenForm:
    """The typed form: what to make, or what could not be understood."""

    wanted: Wanted | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: MultiDict[str, str], *, may_serve: bool, now: datetime) -> Self:
        """Read the form; only an owner may make a token of a service."""
        read = cls()
        name = form.get("name", "").replace("\0", "").strip()[:LONGEST_NAME]
        if not name:
            read.errors["name"] = _("Give it a name by which you will know it.")
        scopes = [scope for scope in Scope if scope.value in form.getlist("scope")]
        if not scopes:
            read.errors["scope"] = _("Choose what it may be used for.")
        serves = may_serve and form.get("holder") == Holder.SERVICE
        if not read.errors:
            holder = Holder.SERVICE if serves else Holder.PERSON
            read.wanted = Wanted(name, holder, scopes, _expiry(form, now))
        return read


def _expiry(form: Mapping[str, str], now: datetime) -> datetime | None:
    chosen = {str(days): now + timedelta(days=days) for days in LASTS_DAYS}
    return chosen.get(form.get("days", ""))
