"""The owner's page about WHOOP: quota, members, and the organisation's own WHOOP app."""

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts.access import owners_only, viewer
from coach.accounts.forms import typed
from coach.accounts.proving import proven
from coach.extensions import settings
from coach.web.htmx import go_to
from coach.whoop.apps import app_by_id, installation_app
from coach.whoop.own_app import credentials, figures
from coach.whoop.own_app.credentials import (
    AlreadyThere,
    InUse,
    OwnApp,
    StillLeaving,
    TooManySecrets,
    own_app_of,
)
from coach.whoop.own_app.forms import AppForm, LimitsForm, SecretForm
from coach.work.leases import now

bp = Blueprint("whoop_app", __name__, template_folder="../templates")


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.get("/organisation/whoop")
@owners_only
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/organisation/whoop")
@owners_only
@proven
def enter() -> ResponseReturnValue:
    form = AppForm()
    if not form.validate():
        return _page(entering=form), 422
    try:
        credentials.enter(typed(form.client_id), typed(form.secret), by=viewer(), now=now())
    except AlreadyThere:
        problem = _("Your organisation has its own WHOOP app already. Remove it first.")
        return _page(problem=problem), 409
    flash(_("Your WHOOP app is entered. Register both addresses at WHOOP now."), "success")
    return go_to(url_for(".show"))


@bp.post("/organisation/whoop/secrets")
@owners_only
@proven
def add_secret() -> ResponseReturnValue:
    app, form = _own_app(), SecretForm()
    if not form.validate():
        return _page(adding=form), 422
    try:
        credentials.add_secret(app, typed(form.secret), by=viewer(), now=now())
    except TooManySecrets:
        return _page(problem=_("Retire the old secrets before you add another one.")), 409
    flash(_("The new secret is used from now on. The old one still proves webhooks."), "success")
    return go_to(url_for(".show"))


@bp.post("/organisation/whoop/secrets/retirement")
@owners_only
@proven
def retire() -> ResponseReturnValue:
    credentials.retire_old_secrets(_own_app(), by=viewer())
    flash(_("Only the newest secret counts now."), "success")
    return go_to(url_for(".show"))


@bp.post("/organisation/whoop/limits")
@owners_only
@proven
def limit() -> ResponseReturnValue:
    app, form = _own_app(), LimitsForm()
    if not form.validate():
        return _page(limiting=form), 422
    credentials.set_limits(app, form.limits(), by=viewer())
    flash(_("The limits are saved."), "success")
    return go_to(url_for(".show"))


@bp.post("/organisation/whoop/removal")
@owners_only
@proven
def remove() -> ResponseReturnValue:
    try:
        credentials.remove(_own_app(), by=viewer())
    except InUse:
        problem = _("Clients are still linked by this app. Nothing was removed.")
        return _page(problem=problem), 409
    except StillLeaving:
        problem = _("WHOOP is still being told of clients who left. Try again in some minutes.")
        return _page(problem=problem), 409
    flash(_("Your WHOOP app is removed. New links use the app of this installation."), "success")
    return go_to(url_for(".show"))


def _own_app() -> OwnApp:
    return own_app_of(viewer()) or abort(404)


def _page(
    *,
    problem: str = "",
    entering: AppForm | None = None,
    adding: SecretForm | None = None,
    limiting: LimitsForm | None = None,
) -> str:
    looking = viewer()
    own = own_app_of(looking)
    ours = app_by_id(installation_app())
    return render_template(
        "whoop/app.html",
        own=own,
        figures=figures.gather(own.id, own.limits, shared=False, by=looking) if own else None,
        # As long as links use the installation's app, or new ones would.
        shared=figures.gather(ours.id, ours.limits, shared=True, by=looking),
        problem=problem,
        entering=entering or AppForm(formdata=None),
        adding=adding or SecretForm(formdata=None),
        limiting=limiting or LimitsForm(formdata=None, obj=own and own.limits),
    )
