"""Invite many at once, send an invitation again; and the guardian of somebody under 18."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from coach.accounts import directory, guardians, invitations, inviting_many
from coach.accounts.access import coaches_only, viewer
from coach.accounts.fair_use import INVITE, spend
from coach.accounts.forms import ForgotForm, typed
from coach.accounts.invitations import State
from coach.accounts.mail_limits import TooOften
from coach.accounts.models import Invitation
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("inviting", __name__, template_folder="templates")


@bp.get("/invitations/many")
@coaches_only
def many() -> ResponseReturnValue:
    return render_template("accounts/invite_many.html", rows=[], most=inviting_many.MOST_ROWS)


@bp.post("/invitations/many")
@coaches_only
def invite_many() -> ResponseReturnValue:
    file = request.files.get("file")
    raw = file.read(inviting_many.LONGEST_LIST) if file else b""
    listed = inviting_many.decoded(raw, language=str(get_locale()))
    text = f"{request.form.get('list', '')}\n{listed}".strip("\n")
    spend(INVITE, times=min(text.count("\n") + 1, inviting_many.MOST_ROWS))
    rows = inviting_many.invite_all(text, by=viewer(), now=now())
    page = render_template(
        "accounts/invite_many.html", rows=rows, most=inviting_many.MOST_ROWS, empty_list=not rows
    )
    return page, 200 if rows else 422


@bp.post("/invitations/<uuid:invitation_id>/reminder")
@coaches_only
def resend(invitation_id: UUID) -> ResponseReturnValue:
    try:
        if not invitations.resend(invitation_id, by=viewer(), now=now()):
            abort(404)
        flash(_("Sent again. The link works for seven days from now."), "success")
    except TooOften:
        text = _("Sent again three times within a day. Try again tomorrow, or give them the link.")
        flash(text, "warning")
    return go_to(url_for("people.people"))


@bp.post("/invitations/<token>/guardian")
def ask_guardian(token: str) -> ResponseReturnValue:
    invitation = _open_or_404(token)
    form = ForgotForm()
    if not form.validate() or typed(form.email).lower() == invitation.email:
        return _guardian_page(invitation, "minor", wrong=True), 422
    try:
        guardians.ask_guardian(invitation, typed(form.email))
    except TooOften:
        return _guardian_page(invitation, "asked", too_often=True), 429
    return _guardian_page(invitation, "asked")


@bp.route("/invitations/<token>/guardian/<key>", methods=["GET", "POST"])
def guardian(token: str, key: str) -> ResponseReturnValue:
    invitation = _open_or_404(token)
    if not guardians.is_guardian(invitation, key):
        abort(404)
    if request.method == "POST":
        guardians.agree(invitation)
    return _guardian_page(invitation, "guardian")


def _open_or_404(token: str) -> Invitation:
    invitation = invitations.find(token)
    if invitation is None or invitations.state(invitation, now=now()) is not State.OPEN:
        abort(404)
    return invitation


def _guardian_page(
    invitation: Invitation, step: str, *, wrong: bool = False, too_often: bool = False
) -> str:
    return render_template(
        "accounts/guardian.html",
        invitation=invitation,
        organisation=directory.organisation_name(invitation.organisation_id),
        step=step,
        wrong=wrong,
        too_often=too_often,
        token=request.view_args["token"] if request.view_args else "",
    )
