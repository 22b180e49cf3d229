"""What people may type about their own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length

from coach.accounts.forms import EMAIL, NAME, NEW_PASSWORD, tidy, timezone_known
from coach.web.taste import EnergyUnit, Theme, Units

CODE = Length(max=64, message=_l("A code is shorter."))


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """What a person is called here."""

    name = StringField(_l("Name"), NAME, filters=[lambda text: tidy(text or "")])


class EmailForm(FlaskForm):  # type: ignore[misc]
    """The new address, before it is proven."""

    email = EmailField(_l("New e-mail"), EMAIL)


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, by who knows the old one."""

    old = PasswordField(_l("Your password now"), [InputRequired(_l("Type your password."))])
    password = PasswordField(_l("New password"), NEW_PASSWORD)


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(_l("Code"), [InputRequired(_l("Type the code.")), CODE])


class ProofForm(FlaskForm):  # type: ignore[misc]
    """The password, or instead of it a code."""

    password = PasswordField(_l("Password"))
    code = StringField(_l("Or a code of your app"), [CODE])


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """What an organisation asks of its coaches and owners."""

    mfa_required = BooleanField(_l("Coaches and owners need a second factor"))


class PreferencesForm(FlaskForm):  # type: ignore[misc]
    """Language, clock, units and looks."""

    locale = SelectField(
        _l("Language"),
        choices=[
            SelectChoice("", _l("As my browser asks")),
            SelectChoice("en", "English"),
            SelectChoice("es", "Español"),
            SelectChoice("ru", "Русский"),
        ],
    )
    timezone = StringField(_l("Time zone"), [timezone_known])
    units = SelectField(
        _l("Weight and temperature"),
        choices=[
            SelectChoice(Units.METRIC.value, _l("kg and °C")),
            SelectChoice(Units.IMPERIAL.value, _l("lb and °F")),
        ],
    )
    energy_unit = SelectField(
        _l("Energy"),
        choices=[
            SelectChoice(EnergyUnit.KILOJOULE.value, _l("kJ")),
            SelectChoice(EnergyUnit.KILOCALORIE.value, _l("kcal")),
        ],
    )
    week_start = SelectField(
        _l("A week begins on"),
        coerce=int,
        choices=[
            SelectChoice(1, _l("Monday")),
            SelectChoice(6, _l("Saturday")),
            SelectChoice(7, _l("Sunday")),
        ],
    )
    theme = SelectField(
        _l("Light or dark"),
        choices=[
            SelectChoice("", _l("As my device is set")),
            SelectChoice(Theme.LIGHT.value, _l("Always light")),
            SelectChoice(Theme.DARK.value, _l("Always dark")),
        ],
    )
