"""The second factor: set it up, be asked for it, show again who you are; what owners require."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from coach.accounts import audit, factors, policy, proving, signin, throttle
from coach.accounts.access import owners_only, viewer
from coach.accounts.account_forms import CodeForm, PolicyForm, ProofForm
from coach.accounts.forms import typed
from coach.accounts.models import User
from coach.accounts.proving import proven
from coach.web.htmx import go_to, own_path
from coach.web.session import current_session, end_sessions
from coach.work.leases import now

bp = Blueprint("factors", __name__, template_folder="templates")


@bp.before_app_request
def lead_to_second_factor() -> ResponseReturnValue | None:
    """Who owes their organisation a second factor sets it up, and can do nothing else."""
    if request.endpoint in policy.NOBODYS:
        return None
    # Asked before anything speaks, on pages that are not there too: it brings language and clock.
    owes = current_user.is_authenticated and current_user.owes_factor
    return go_to(url_for("factors.show")) if owes and request.endpoint not in policy.OPEN else None


@bp.get("/account/second-factor")
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/account/second-factor")
@proven
def confirm() -> ResponseReturnValue:
    looking, form = viewer(), CodeForm()
    if not form.validate():
        return _page(form), 422
    codes = factors.confirm(looking.user_id, typed(form.code), now=now())
    if codes is None:
        return _page(form, _("That is not the code. Take the newest one your app shows.")), 422
    end_sessions(looking.user_id, but=current_session())  # they were opened without it
    signin.renew_session(looking)
    audit.record("second_factor_on", by=looking.user_id)
    return _codes(codes)


@bp.post("/account/second-factor/codes")
@proven
def renew_codes() -> ResponseReturnValue:
    looking = viewer()
    if not factors.is_on(looking.user_id):
        abort(409)
    audit.record("recovery_codes_renewed", by=looking.user_id)
    return _codes(factors.new_recovery_codes(looking.user_id))


@bp.post("/account/second-factor/removal")
def remove() -> ResponseReturnValue:
    looking, form = viewer(), CodeForm()
    if not form.validate():
        return _page(form), 422
    if problem := _wrong_code(form):
        return _page(form, problem), 422
    factors.switch_off(looking.user_id)
    audit.record("second_factor_off", by=looking.user_id)
    flash(_("The second factor is off."), "success")
    return go_to(url_for("accounts.account"))


def _wrong_code(form: CodeForm) -> str:
    address, looking = request.remote_addr or "", viewer()
    try:
        right = signin.accepts_code(
            looking.user_id, typed(form.code), address=address, moment=now()
        )
    except throttle.SlowDown:
        return _("Too many tries. Wait 15 minutes.")
    return "" if right else _("That is not the code. Take the newest one your app shows.")


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    waiting = signin.who_waits()
    if waiting is None:
        return go_to(url_for("accounts.sign_in"))
    form = CodeForm()
    if request.method != "POST":
        return render_template("accounts/code.html", form=form)
    if not form.validate():
        return render_template("accounts/code.html", form=form), 422
    problem, status = _code_problem(typed(form.code), *waiting)
    if problem:
        return render_template("accounts/code.html", form=form, problem=problem), status
    return go_to(own_path(request.args.get("next")) or url_for("accounts.home"))


def _code_problem(code: str, user: User, organisation_id: UUID | None) -> tuple[str, int]:
    address = request.remote_addr or ""
    try:
        right = signin.accepts_code(user.id, code, address=address, moment=now())
    except throttle.SlowDown:
        return _("Too many tries. Wait 15 minutes."), 429
    if not right:
        return _("That is not the code. Take the newest one your app shows."), 422
    if not signin.enter(user, organisation_id):
        return _("You belong to no organisation at the moment. Ask for an invitation."), 403
    return "", 200


@bp.route("/account/proof", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    looking, form = viewer(), ProofForm()
    has_factor = factors.is_on(looking.user_id)
    words = {"form": form, "has_factor": has_factor}
    if request.method != "POST":
        return render_template("accounts/proof.html", **words)
    problem = _("Type your password, or a code.")
    if form.validate():
        problem = _proof_problem(form)
    if problem:
        return render_template("accounts/proof.html", **words, problem=problem), 422
    return go_to(own_path(request.args.get("next")) or url_for("accounts.account"))


def _proof_problem(form: ProofForm) -> str:
    try:
        shown = proving.prove(
            typed(form.password), typed(form.code), by=viewer(), address=request.remote_addr or ""
        )
    except throttle.SlowDown:
        return _("Too many tries. Wait 15 minutes, or choose a new password.")
    return "" if shown else _("That is not right. Try again.")


@bp.route("/organisation/security", methods=["GET", "POST"])
@owners_only
@proven
def security() -> ResponseReturnValue:
    looking = viewer()
    form = PolicyForm(mfa_required=policy.is_required(looking))
    if request.method != "POST" or not form.validate():
        return render_template("accounts/security.html", form=form, staff=policy.staff(looking))
    policy.require(required=bool(form.mfa_required.data), by=looking)
    flash(_("Saved."), "success")
    return go_to(url_for("factors.security"))


def _page(form: CodeForm | None = None, problem: str = "") -> str:
    looking = viewer()
    is_on = factors.is_on(looking.user_id)
    secret = "" if is_on else factors.secret_to_confirm(looking.user_id)
    return render_template(
        "accounts/second_factor.html",
        form=form or CodeForm(formdata=None),
        problem=problem,
        is_on=is_on,
        owes=current_user.owes_factor,
        secret=secret,
        qr=factors.qr_code(secret, looking.email) if secret else "",
        codes_left=factors.recovery_codes_left(looking.user_id),
    )


def _codes(codes: list[str]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes)
