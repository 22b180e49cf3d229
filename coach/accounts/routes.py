"""The pages for signing in, out and around."""

import time
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from coach.accounts import account_page, organisations, resets, signin, throttle
from coach.accounts.access import NotSignedIn, viewer
from coach.accounts.forms import (
    ForgotForm,
    PasswordForm,
    SetupForm,
    SignInForm,
    not_guessable,
    typed,
)
from coach.accounts.models import Role
from coach.accounts.people import Newcomer
from coach.extensions import db
from coach.web.htmx import go_to, own_path, unauthorized_fragment, wants_fragment

# Known or not, each answer takes as long: a mail that is written must not show in the time.
FORGOT_SECONDS = 0.2

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.app_errorhandler(NotSignedIn)
def send_to_sign_in(_error: NotSignedIn) -> ResponseReturnValue:
    address = url_for("accounts.sign_in", next=_came_from())
    return unauthorized_fragment(address) if wants_fragment() else go_to(address)


@bp.get("/")
def home() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        raise NotSignedIn
    here = "cabinet.today" if viewer().role is Role.CLIENT else "dashboard.roster_page"
    return redirect(url_for(here), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    if request.method != "POST" and current_user.is_authenticated:
        return redirect(url_for("accounts.home"), 303)
    form = SignInForm(next=request.args.get("next", ""))
    if request.method != "POST":
        return render_template("accounts/sign_in.html", form=form)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    problem, code = _sign_in_problem(form)
    if problem is None:
        return go_to(_after_password(own_path(form.next.data)))
    return render_template("accounts/sign_in.html", form=form, problem=problem), code


def _sign_in_problem(form: SignInForm) -> tuple[str | None, int]:
    address = request.remote_addr or ""
    try:
        user = signin.authenticate(typed(form.email), typed(form.password), address=address)
    except throttle.SlowDown:
        return _("Too many tries. Wait 15 minutes, or choose a new password."), 429
    if user is None:
        return _("E-mail and password do not match. Try again, or choose a new password."), 422
    if signin.arrive(user) is signin.Arrival.NOWHERE:
        return _("You belong to no organisation at the moment. Ask for an invitation."), 403
    return None, 200


def _after_password(target: str | None) -> str:
    if not current_user.is_authenticated:
        return url_for("factors.code", next=target)
    return target or url_for("accounts.home")


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    signin.leave()
    response = redirect(url_for("accounts.sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.route("/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    form = ForgotForm()
    if request.method != "POST":
        return render_template("accounts/forgot.html", form=form)
    if not form.validate():
        return render_template("accounts/forgot.html", form=form), 422
    began = time.monotonic()
    resets.request_reset(typed(form.email), address=request.remote_addr or "")
    db.session.commit()  # nothing is held while we wait
    time.sleep(max(0.0, began + FORGOT_SECONDS - time.monotonic()))
    return render_template("accounts/forgot.html", form=form, sent=True)


@bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    if not resets.is_open(token):
        return render_template("accounts/reset.html", form=None), 410
    form = PasswordForm()
    if request.method != "POST":
        return render_template("accounts/reset.html", form=form)
    if not form.validate(not_guessable("password", resets.whose(token))):
        return render_template("accounts/reset.html", form=form), 422
    if resets.choose_password(token, typed(form.password)) is None:
        return render_template("accounts/reset.html", form=None), 410
    return render_template("accounts/reset.html", form=None, done=True)


@bp.route("/setup/<token>", methods=["GET", "POST"])
def setup(token: str) -> ResponseReturnValue:
    if not organisations.setup_is_open(token):
        abort(404)
    form = SetupForm()
    if request.method != "POST":
        return render_template("accounts/setup.html", form=form)
    about = [typed(form.email), typed(form.name), typed(form.organisation)]
    if not form.validate(not_guessable("password", about)):
        return render_template("accounts/setup.html", form=form), 422
    return _set_up(token, form)


def _set_up(token: str, form: SetupForm) -> ResponseReturnValue:
    owner = Newcomer(typed(form.email), typed(form.name), typed(form.password))
    try:
        user = organisations.set_up(
            token,
            organisation_name=typed(form.organisation),
            timezone=typed(form.timezone),
            owner=owner,
        )
    except organisations.SetupClosed:
        abort(404)
    except organisations.SlugTaken:
        db.session.rollback()  # the link stays open
        text = _("An organisation of that name exists here already. Choose another name.")
        return render_template("accounts/setup.html", form=form, problem=text), 409
    signin.arrive(user)
    return go_to(url_for("accounts.home"))


@bp.get("/account")
def account() -> ResponseReturnValue:
    return account_page.show()


@bp.post("/organisations/switch")
def switch() -> ResponseReturnValue:
    looking = viewer()
    try:
        chosen = UUID(request.form.get("organisation_id", ""))
    except ValueError:
        abort(404)
    if not signin.switch(looking.user_id, chosen):
        abort(404)
    return go_to(url_for("accounts.home"))


def _came_from() -> str | None:
    """Name the page to come back to after signing in."""
    # WHOOP's answer counts only in the session that asked: its code has no business in a link.
    if request.method != "GET" or "state" in request.args:
        return None
    return request.full_path.rstrip("?")
