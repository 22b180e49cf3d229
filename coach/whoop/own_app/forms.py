"""What an owner may type about their own WHOOP app; a secret is never shown again."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, NumberRange, Regexp

from coach.whoop.apps import AppLimits

_COPIED = _l("Copy it from WHOOP's developer dashboard; it has no spaces.")
_SECRET = [
    InputRequired(_l("Paste the client secret.")),
    Regexp(r"[!-~]{8,200}\Z", message=_COPIED),
]
_NUMBER = _l("Type a whole number of 1 or more.")


class SecretForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A new client secret."""

    secret = PasswordField(_l("Client secret"), _SECRET)


class AppForm(SecretForm):
    """The credentials of a WHOOP app."""

    client_id = StringField(
        _l("Client ID"),
        [
            InputRequired(_l("Paste the client ID.")),
            Regexp(r"[!-~]{1,200}\Z", message=_COPIED),
        ],
    )


class LimitsForm(FlaskForm):  # type: ignore[misc]
    """What WHOOP allows the app."""

    per_minute = IntegerField(
        _l("Calls in a minute"),
        [InputRequired(_NUMBER), NumberRange(1, 1_000_000, _NUMBER)],
    )
    per_day = IntegerField(
        _l("Calls in a day"),
        [InputRequired(_NUMBER), NumberRange(1, 100_000_000, _NUMBER)],
    )
    member_cap = IntegerField(
        _l("Members WHOOP allows"),
        [
            InputRequired(_l("Type a whole number; 0 means no cap.")),
            NumberRange(0, 10_000_000, _l("Type a whole number; 0 means no cap.")),
        ],
    )

    def limits(self) -> AppLimits:
        """Give what was typed, once it is validated."""
        typed = (self.per_minute.data, self.per_day.data, self.member_cap.data)
        return AppLimits(*(int(each or 0) for each in typed))
