"""Change one's own account: name, e-mail, password, preferences, sessions."""

from dataclasses import replace

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from coach.accounts import account_page, devices, own_account, preferences, signin, throttle
from coach.accounts.access import Viewer, viewer
from coach.accounts.account_forms import EmailForm, NameForm, NewPasswordForm, PreferencesForm
from coach.accounts.account_page import Forms
from coach.accounts.forms import not_guessable, typed
from coach.accounts.mail_limits import TooOften
from coach.accounts.models import Role, User
from coach.accounts.proving import proven
from coach.extensions import db
from coach.web.htmx import go_to
from coach.web.taste import follow, taste

bp = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")


@bp.post("/name")
def change_name() -> ResponseReturnValue:
    looking, form = viewer(), NameForm()
    if not form.validate():
        return account_page.show(Forms(name=form)), 422
    own_account.change_name(typed(form.name), by=looking)
    return _saved(_("Your name is changed."))


@bp.post("/email")
@proven
def change_email() -> ResponseReturnValue:
    looking, form = viewer(), EmailForm()
    if not form.validate():
        return account_page.show(Forms(email=form)), 422
    try:
        own_account.ask_for_email(typed(form.email), by=looking)
    except TooOften:
        form.email.errors = [
            _("Three links are on their way since yesterday. Look for them first.")
        ]
        return account_page.show(Forms(email=form)), 429
    return _saved(_("We have mailed a link to the new address. Open it within one hour."))


@bp.route("/email/<token>", methods=["GET", "POST"])
def confirm_email(token: str) -> ResponseReturnValue:
    email = own_account.waiting_email(token)
    if email is None:
        return render_template("accounts/email_confirmed.html", email=None), 410
    if request.method != "POST":
        return render_template("accounts/email_confirmed.html", email=email, done=False)
    done = own_account.confirm_email(token)
    shown = render_template(
        "accounts/email_confirmed.html", email=email if done else None, done=done
    )
    return shown, 200 if done else 410


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    looking, form = viewer(), NewPasswordForm()
    valid = form.validate(not_guessable("password", [looking.email, looking.name]))
    if not valid or not _knows_old(form, looking):
        return account_page.show(Forms(password=form)), 422
    own_account.change_password(typed(form.password), by=looking)
    return _saved(_("Your password is changed, and every other device is signed out."))


def _knows_old(form: NewPasswordForm, looking: Viewer) -> bool:
    try:
        known = signin.knows(looking, typed(form.old), address=request.remote_addr or "")
        problem = _("That is not your password.")
    except throttle.SlowDown:
        known, problem = False, _("Too many tries. Wait 15 minutes, or choose a new password.")
    if not known:
        form.old.errors = [problem]
    return known


@bp.post("/preferences")
def choose() -> ResponseReturnValue:
    looking, form = viewer(), PreferencesForm()
    if not form.validate():
        return account_page.show(Forms(chosen=form)), 422
    said = {name: value or None for name, value in form.data.items() if name != "csrf_token"}
    if looking.role is Role.CLIENT:
        own_account.change_timezone(str(said.pop("timezone")), by=looking)
    preferences.keep(looking, **said)
    db.session.get_one(User, looking.user_id).locale = said["locale"]
    follow(replace(taste(), locale=said["locale"]))
    refresh()  # the answer speaks the new language already
    return _saved(_("Saved. It shows on every page from now on."))


@bp.post("/sessions/end")
def end_session() -> ResponseReturnValue:
    if not devices.end(request.form.get("key", ""), of=viewer()):
        abort(404)
    return _saved(_("That device is signed out."))


@bp.post("/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    devices.end_others(of=viewer())
    return _saved(_("Every other device is signed out."))


def _saved(text: str) -> ResponseReturnValue:
    flash(text, "success")
    return go_to(url_for("accounts.account"))
