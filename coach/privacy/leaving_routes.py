"""Leave an organisation, delete an account, remove a member."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import signin, throttle
from coach.accounts.access import owners_only, viewer
from coach.accounts.models import Client, Membership, Role
from coach.extensions import db
from coach.privacy import leaving
from coach.privacy.leaving import Departure, Fate
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("leaving", __name__, template_folder="templates")


@bp.route("/account/leaving", methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    looking = viewer()
    member = leaving.member_or_none(looking.membership_id, by=looking) or abort(404)
    problem = _owner_problem(member) if request.method != "POST" else _problem(member)
    if request.method != "POST" or problem:
        return _leave_page(member, problem), 422 if request.method == "POST" else 200
    fate = Fate.DELETED if request.form.get("data") == "delete" else Fate.KEPT
    leaving.depart(Departure(member, looking.user_id, fate), now=now())
    signin.leave()  # and with the session goes whatever could be told on the next page
    left = {"organisation": looking.organisation_name, "was_client": member.role == Role.CLIENT}
    return render_template("privacy/you_left.html", **left, viewer=None, navigation=[])


@bp.route("/account/deletion", methods=["GET", "POST"])
def delete_account() -> ResponseReturnValue:
    looking = viewer()
    alone = leaving.owned_alone(looking.user_id, back_to=looking)
    organisations = signin.organisations_of(looking.user_id)
    problem = _password_problem() if request.method == "POST" and not alone else ""
    if request.method != "POST" or alone or problem:
        words = {"organisations": organisations, "alone": alone, "problem": problem}
        shown = render_template("privacy/delete_account.html", viewer=looking, **words)
        return shown, 422 if request.method == "POST" else 200
    signin.leave()
    leaving.delete_account(looking.user_id, now=now())
    return render_template("privacy/account_deleted.html", viewer=None, navigation=[])


@bp.route("/people/<uuid:membership_id>/removal", methods=["GET", "POST"])
@owners_only
def remove(membership_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    member = leaving.member_or_none(membership_id, by=looking) or abort(404)
    problem = _owner_problem(member)
    if request.method != "POST" or problem:
        shown = render_template("privacy/remove.html", member=member, problem=problem)
        return shown, 422 if request.method == "POST" else 200
    leaving.depart(Departure(member, looking.user_id, Fate.KEPT), now=now())
    flash(_("%(name)s has no access any more.", name=member.name), "success")
    return go_to(url_for("people.people"))


@bp.route("/leaving/<token>", methods=["GET", "POST"])
def decide(token: str) -> ResponseReturnValue:
    client: Client = leaving.left_client(token, now=now()) or abort(404)
    if request.method != "POST":
        return render_template("privacy/left.html", name=client.name, done=False)
    leaving.erase_left(client, token)
    db.session.flush()
    return render_template("privacy/left.html", name=client.name, done=True)


def _leave_page(member: Membership, problem: str) -> str:
    return render_template("privacy/leave.html", member=member, problem=problem)


def _problem(member: Membership) -> str:
    return _owner_problem(member) or _password_problem()


def _owner_problem(member: Membership) -> str:
    if member.role == Role.OWNER and leaving.is_last_owner(member):
        return _("An organisation cannot be without an owner. Make somebody else its owner first.")
    return ""


def _password_problem() -> str:
    """Check the password as at the sign-in, and as seldom: a session left open is not enough."""
    typed, looking = request.form.get("password", ""), viewer()
    try:
        known = typed and signin.authenticate(
            looking.email, typed, address=request.remote_addr or ""
        )
    except throttle.SlowDown:
        return _("Too many tries. Wait 15 minutes, or choose a new password.")
    return "" if known else _("That is not your password.")
