"""The pages for inviting people and accepting an invitation."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from coach.accounts import directory, guardians, invitations, signin, throttle
from coach.accounts.access import coaches_only, owners_only, viewer
from coach.accounts.fair_use import INVITE, limited
from coach.accounts.forms import GUESSABLE, AcceptForm, InvitationForm, typed
from coach.accounts.invitations import Guest, State
from coach.accounts.models import Invitation, Role, User
from coach.accounts.passwords import SHORTEST, is_guessable
from coach.accounts.people import AlreadyMember
from coach.extensions import db
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("people", __name__, template_folder="templates")


class Refused(Exception):
    """The link is good and what was typed is not; `words` say what to do."""

    def __init__(self, words: str, code: int = 422) -> None:
        super().__init__(code)
        self.words = words
        self.code = code


@bp.get("/people")
@coaches_only
def people() -> ResponseReturnValue:
    return _people(InvitationForm(timezone=viewer().timezone))


@bp.post("/invitations")
@coaches_only
@limited(INVITE)
def invite() -> ResponseReturnValue:
    looking, form = viewer(), InvitationForm()
    if not form.validate():
        return _people(form), 422
    role = Role(form.role.data)
    if role is not Role.CLIENT and looking.role is not Role.OWNER:
        abort(403)
    guest = Guest(typed(form.email), typed(form.name), role, typed(form.timezone))
    invitation = invitations.send(guest, by=looking, now=now())
    if role is Role.CLIENT and form.minor.data:
        guardians.mark(invitation, typed(form.guardian_email))
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
    if request.method != "POST" and guardians.is_waited_for(invitation):
        return _ask_guardian(invitation, token)
    if request.method != "POST":
        return _invitation(invitation, form)
    if not form.validate():
        return _invitation(invitation, form), 422
    try:
        guardians.require(invitation, says_minor=bool(form.minor.data))
    except guardians.NeedsGuardian:
        return _ask_guardian(invitation, token), 403
    return _accept(invitation, form)


def _ask_guardian(invitation: Invitation, token: str) -> str:
    return render_template(
        "accounts/guardian.html",
        invitation=invitation,
        organisation=directory.organisation_name(invitation.organisation_id),
        step="asked" if invitation.guardian_email else "minor",
        token=token,
    )


def _accept(invitation: Invitation, form: AcceptForm) -> ResponseReturnValue:
    try:
        user = _join(invitation, typed(form.password))
    except Refused as refused:
        db.session.rollback()  # a claim that made no member leaves the link open
        return _invitation(invitation, form, problem=refused.words), refused.code
    except invitations.NoLongerOpen:
        return _invitation(invitation, None, state=State.ACCEPTED), 410
    if signin.arrive(user, invitation.organisation_id) is signin.Arrival.CODE_WANTED:
        return go_to(url_for("factors.code"))
    client = invitation.role == Role.CLIENT
    return go_to(url_for("my_day.welcome" if client else "accounts.home"))


def _join(invitation: Invitation, password: str) -> User:
    """Make a member of who holds the link; raises Refused and NoLongerOpen."""
    existing = _existing_account(invitation, password)
    invitations.claim(invitation)
    try:
        user = existing or directory.open_account(invitation.email, password)
        invitations.join(invitation, user=user)
    except directory.HasPassword:
        raise Refused(_("This e-mail has an account already. Type its password.")) from None
    except AlreadyMember:
        text = _("You already belong to this organisation. Sign in instead.")
        raise Refused(text, 409) from None
    return user


def _existing_account(invitation: Invitation, password: str) -> User | None:
    """Find the account the link is for, if it has one and this is its password."""
    if len(password) < SHORTEST:  # for everybody alike: the answer must not tell who has one
        raise Refused(_("Use at least %(min)d characters; a sentence is fine.", min=SHORTEST))
    if is_guessable(password, [invitation.email, invitation.name]):
        raise Refused(str(GUESSABLE))
    if not directory.has_password(invitation.email):
        return None
    try:
        known = signin.authenticate(invitation.email, password, address=request.remote_addr or "")
    except throttle.SlowDown:
        text = _("Too many tries. Wait 15 minutes, or choose a new password.")
        raise Refused(text, 429) from None
    if known is None:
        raise Refused(_("This e-mail has an account already. Type its password."))
    return known


def _invitation(
    invitation: Invitation, form: AcceptForm | None, *, state: State = State.OPEN, problem: str = ""
) -> str:
    return render_template(
        "accounts/invitation.html",
        invitation=invitation,
        organisation=directory.organisation_name(invitation.organisation_id),
        form=form,
        state=state,
        problem=problem,
        signed_in_as=current_user.viewer.email if current_user.is_authenticated else "",
    )


def _people(form: InvitationForm) -> str:
    looking = viewer()
    if looking.role is not Role.OWNER:
        form.only_clients()
    return render_template(
        "accounts/people.html",
        form=form,
        people=directory.people(by=looking),
        viewer=looking,
        now=now(),
    )
