"""The page on which people make, look at and revoke tokens."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts.access import viewer
from coach.accounts.models import Role
from coach.accounts.proving import proven
from coach.api import tokens
from coach.api.scopes import Scope
from coach.api.token_form import LASTS_DAYS, TokenForm
from coach.api.token_words import SCOPE_WORDS
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("api_tokens", __name__, url_prefix="/account", template_folder="templates")


@bp.get("/tokens")
def show() -> ResponseReturnValue:
    return _page(TokenForm())


@bp.post("/tokens")
@proven
def make() -> ResponseReturnValue:
    looking = viewer()
    may_serve = looking.role is Role.OWNER
    form = TokenForm.read(request.form, may_serve=may_serve, now=now())
    if form.wanted is None:
        return _page(form), 422
    made = tokens.make(
        form.wanted,
        organisation_id=looking.organisation_id,
        user_id=looking.user_id,
        by=looking.user_id,
    )
    return _page(TokenForm(), shown_once=made[1])


@bp.post("/tokens/<uuid:token_id>/revocation")
def revoke(token_id: UUID) -> ResponseReturnValue:
    if not tokens.revoke(token_id, by=viewer(), now=now()):
        abort(404)
    flash(_("Revoked. It opens nothing any more."), "success")
    return go_to(url_for("api_tokens.show"))


def _page(form: TokenForm, shown_once: str = "") -> str:
    looking = viewer()
    return render_template(
        "api/tokens.html",
        tokens=tokens.known_to(looking),
        form=form,
        typed=request.form,
        shown_once=shown_once,
        is_owner=looking.role is Role.OWNER,
        scopes={scope: SCOPE_WORDS[scope] for scope in Scope},
        lasts=LASTS_DAYS,
        now=now(),
    )
