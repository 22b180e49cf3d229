"""The pages for inviting people and accepting an invitation."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from coach.accounts import directory, invitations, signin
from coach.accounts.access import coaches_only, owners_only, viewer
from coach.accounts.forms import AcceptForm, InvitationForm, typed
from coach.accounts.invitations import Guest, State
from coach.accounts.models import Invitation, Role, User
from coach.accounts.passwords import SHORTEST, matches
from coach.accounts.people import AlreadyMember
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("people", __name__, template_folder="templates")


@bp.get("/people")
@coaches_only
def people() -> ResponseReturnValue:
    return _people(InvitationForm(timezone=viewer().timezone))


@bp.post("/invitations")
@coaches_only
def invite() -> ResponseReturnValue:
    looking, form = viewer(), InvitationForm()
    if not form.validate():
        return _people(form), 422
    role = Role(form.role.data)
    if role is not Role.CLIENT and looking.role is not Role.OWNER:
        abort(403)
    guest = Guest(typed(form.email), typed(form.name), role, typed(form.timezone))
    invitations.send(guest, by=looking, now=now())
    return go_to(url_for("people.people"))


@bp.post("/invitations/<uuid:invitation_id>/withdrawal")
@coaches_only
def withdraw(invitation_id: UUID) -> ResponseReturnValue:
    if not invitations.withdraw(invitation_id, by=viewer()):
        abort(404)
    return go_to(url_for("people.people"))


@bp.post("/people/assignments")
@owners_only
def assign() -> ResponseReturnValue:
    chosen = directory.Pairing.from_form(request.form)
    if chosen is None or not directory.pair(chosen, by=viewer()):
        abort(404)
    return go_to(url_for("people.people"))


@bp.route("/invitations/<token>", methods=["GET", "POST"])
def accept(token: str) -> ResponseReturnValue:
    invitation = invitations.find(token)
    if invitation is None:
        abort(404)
    standing = invitations.state(invitation, now=now())
    if standing is not State.OPEN:
        return _invitation(invitation, None, state=standing), 410
    form = AcceptForm()
    if request.method == "GET":
        return _invitation(invitation, form)
    if not form.validate():
        return _invitation(invitation, form), 422
    return _accept(invitation, form)


def _accept(invitation: Invitation, form: AcceptForm) -> ResponseReturnValue:
    problem, user = _account(invitation, typed(form.password))
    if user is None:
        return _invitation(invitation, form, problem=problem), 422
    try:
        invitations.accept(invitation, user=user)
    except invitations.NoLongerOpen:
        return _invitation(invitation, None, state=State.ACCEPTED), 410
    except AlreadyMember:
        text = _("You already belong to this organisation. Sign in instead.")
        return _invitation(invitation, form, problem=text), 409
    if current_user.is_authenticated:
        signin.leave()
    signin.enter(user, invitation.organisation_id)
    return go_to(url_for("accounts.home"))


def _account(invitation: Invitation, password: str) -> tuple[str, User | None]:
    """Take the existing account when the password is its own, or make one."""
    existing = directory.account_of(invitation.email)
    if existing is not None and existing.password_hash:
        if matches(password, existing.password_hash):
            return "", existing
        return _("This e-mail has an account already. Type its password."), None
    if len(password) < SHORTEST:
        return _("Use at least %(min)d characters; a sentence is fine.", min=SHORTEST), None
    return "", directory.open_account(invitation.email, password)


def _invitation(
    invitation: Invitation, form: AcceptForm | None, *, state: State = State.OPEN, problem: str = ""
) -> str:
    return render_template(
        "accounts/invitation.html",
        invitation=invitation,
        organisation=directory.organisation_name(invitation.organisation_id),
        known=directory.has_password(invitation.email),
        form=form,
        state=state,
        problem=problem,
    )


def _people(form: InvitationForm) -> str:
    looking = viewer()
    if looking.role is not Role.OWNER:
        form.only_clients()
    return render_template(
        "accounts/people.html", form=form, people=directory.people(by=looking), viewer=looking
    )
