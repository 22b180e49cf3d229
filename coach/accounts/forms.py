"""What people may type on these pages."""

import unicodedata
from collections.abc import Callable, Collection
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from coach.accounts.models import Role
from coach.accounts.passwords import LONGEST_BYTES, SHORTEST, is_guessable

EMAIL = [
    InputRequired(_l("Type an e-mail address.")),
    Email(_l("This is not an e-mail address.")),
    Length(max=254),
]
NAME = [DataRequired(_l("Type a name.")), Length(max=100, message=_l("This name is too long."))]
# They turn round the text that follows, so that a name could disguise what stands after it.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _tidy(text: str | None) -> str:
    """Leave out what neither PostgreSQL nor the head of a mail can hold: control characters."""
    kept = (" " if unicodedata.category(c) == "Cc" else c for c in text or "" if c not in TURNS)
    return " ".join("".join(kept).split())


def tidy(text: str) -> str:
    """Leave out of a typed name or line what no screen and no mail should show."""
    return _tidy(text)


def timezone_known(_form: FlaskForm, field: StringField) -> None:
    if field.data not in available_timezones():
        raise ValidationError(_l("Choose a time zone from the list, such as Europe/Berlin."))


def _storable(_form: FlaskForm, field: PasswordField) -> None:
    if len((field.data or "").encode()) > LONGEST_BYTES:
        raise ValidationError(_l("This password is too long."))


def _somebody_else(form: FlaskForm, field: EmailField) -> None:
    if (field.data or "").lower() == (form.email.data or "").lower():
        raise ValidationError(_l("Type the address of a parent or guardian."))


GUESSABLE = _l("This password is easy to guess. Add a few words that only you would put together.")


def not_guessable(
    field: str, about: Collection[str]
) -> dict[str, list[Callable[[FlaskForm, PasswordField], None]]]:
    """Give the extra validators that refuse what anybody would try for this person first."""

    def check(_form: FlaskForm, typed_in: PasswordField) -> None:
        if is_guessable(typed_in.data or "", about):
            raise ValidationError(GUESSABLE)

    return {field: [check]}


NEW_PASSWORD = [
    InputRequired(_l("Type a password.")),
    Length(min=SHORTEST, message=_l("Use at least %(min)d characters; a sentence is fine.")),
    _storable,
]


def typed(field: Field) -> str:
    """Give what was typed into a validated text field."""
    return str(field.data or "")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """E-mail and password."""

    email = EmailField(_l("E-mail"), EMAIL)
    password = PasswordField(_l("Password"), [InputRequired(_l("Type your password."))])
    next = HiddenField()


class ForgotForm(FlaskForm):  # type: ignore[misc]
    """Where to send a reset link."""

    email = EmailField(_l("E-mail"), EMAIL)


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password."""

    password = PasswordField(_l("New password"), NEW_PASSWORD)


class AcceptForm(FlaskForm):  # type: ignore[misc]
    """The password of a new account, or of the account the invitation is addressed to."""

    password = PasswordField(_l("Password"), [InputRequired(_l("Type a password.")), _storable])
    minor = BooleanField(_l("I am under 18"))


class SetupForm(FlaskForm):  # type: ignore[misc]
    """The first organisation and its owner."""

    organisation = StringField(_l("Name of your organisation"), NAME, filters=[_tidy])
    name = StringField(_l("Your name"), NAME, filters=[_tidy])
    email = EmailField(_l("E-mail"), EMAIL)
    password = PasswordField(_l("Password"), NEW_PASSWORD)
    timezone = StringField(_l("Time zone"), [timezone_known], default="UTC")


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite, and as what."""

    name = StringField(_l("Name"), NAME, filters=[_tidy])
    email = EmailField(_l("E-mail"), EMAIL)
    role = SelectField(
        _l("Role"),
        choices=[
            SelectChoice(Role.CLIENT.value, _l("Client")),
            SelectChoice(Role.COACH.value, _l("Coach")),
            SelectChoice(Role.OWNER.value, _l("Owner")),
        ],
        default=Role.CLIENT.value,
    )
    timezone = StringField(_l("Time zone"), [timezone_known], default="UTC")
    minor = BooleanField(_l("Under 18"))
    guardian_email = EmailField(
        _l("E-mail of a guardian"), [Optional(), *EMAIL[1:], _somebody_else]
    )

    def only_clients(self) -> None:
        """Leave a coach the one role that a coach may invite."""
        self.role.choices = [SelectChoice(Role.CLIENT.value, _l("Client"))]


class GroupForm(FlaskForm):  # type: ignore[misc]
    """What a group is called."""

    name = StringField(_l("Name of the group"), NAME, filters=[_tidy])
