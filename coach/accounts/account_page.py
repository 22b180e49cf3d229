"""The page of one's own account, with the form that was just sent and what was wrong with it."""

from dataclasses import dataclass

from flask import render_template, request

from coach.accounts import devices, factors, preferences, signin
from coach.accounts.access import Viewer, viewer
from coach.accounts.account_forms import (
    EmailForm,
    NameForm,
    NewPasswordForm,
    PreferencesForm,
)
from coach.web.taste import USUAL


@dataclass(slots=True)
class Forms:
    """The forms of the page; those not given are as stored."""

    name: NameForm | None = None
    email: EmailForm | None = None
    password: NewPasswordForm | None = None
    chosen: PreferencesForm | None = None


def show(forms: Forms | None = None) -> str:
    """Render the page; the form of a post that did not succeed keeps what was typed."""
    looking, sent = viewer(), forms or Forms()
    return render_template(
        "accounts/account.html",
        viewer=looking,
        organisations=signin.organisations_of(looking.user_id),
        is_operator=signin.is_operator(looking.user_id),
        devices=devices.of(looking),
        factor_on=factors.is_on(looking.user_id),
        codes_left=factors.recovery_codes_left(looking.user_id),
        name=sent.name or NameForm(formdata=None, name=looking.name),
        email=sent.email or EmailForm(formdata=None),
        password=sent.password or NewPasswordForm(formdata=None),
        chosen=sent.chosen or _chosen(looking),
        sent_to=request.args.get("sent") == "email",
    )


def _chosen(looking: Viewer) -> PreferencesForm:
    stored = preferences.of(looking)
    return PreferencesForm(
        formdata=None,
        locale=stored.locale or "",
        timezone=looking.timezone,
        units=stored.units or USUAL.units.value,
        energy_unit=stored.energy_unit or USUAL.energy.value,
        week_start=stored.week_start or USUAL.week_start,
        theme=stored.theme or "",
    )
