"""Connect, callback, sync now, disconnect."""

import structlog
from flask import Blueprint, Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from coach.accounts import consents, proving
from coach.accounts.access import Viewer, clients_only, viewer
from coach.accounts.fair_use import CONNECT, SYNC, limited
from coach.accounts.sharing import DEVICE_GROUPS
from coach.extensions import db, settings
from coach.web.htmx import go_to, page, wants_fragment
from coach.whoop.apps import App, app_by_id, app_of, installation_app, own_app
from coach.whoop.errors import MustReconnect, OurFault
from coach.whoop.grant import farewells, states
from coach.whoop.grant.oauth import authorization_url, exchange
from coach.whoop.linking import choosing, links
from coach.whoop.linking.links import NOT_LINKED, LinkedElsewhere, OtherAccount, TooLittleGranted
from coach.whoop.models import Status
from coach.whoop.own_app import figures
from coach.whoop.screens.card import card
from coach.whoop.sync import jobs
from coach.work.leases import now

log = structlog.get_logger()
bp = Blueprint("whoop", __name__, template_folder="../templates")


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.after_request
def keep_codes_to_ourselves(response: Response) -> Response:
    """Send no address of a callback on: it holds a code and a state."""
    if (request.endpoint or "").startswith("whoop.callback"):
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/cabinet/whoop")
@clients_only
def show() -> ResponseReturnValue:
    """Show the card alone; it asks again for itself while something is under way."""
    looking = viewer()
    return page(
        "whoop/card_page.html", "card", card=card(looking.own_client(), by=looking), now=now()
    )


@bp.get("/cabinet/whoop/connect")
@clients_only
def explain() -> ResponseReturnValue:
    looking = viewer()
    full = figures.is_full(app_of(looking.organisation_id), for_client=looking.own_client().id)
    return render_template("whoop/consent.html", groups=DEVICE_GROUPS, full=full)


@bp.post("/cabinet/whoop/connect")
@clients_only
@limited(CONNECT)
def connect() -> ResponseReturnValue:
    looking = viewer()
    if request.form.get("agree") != "yes":
        problem = _("Tick the box to agree, or go back: without it nothing is fetched.")
        return render_template("whoop/consent.html", groups=DEVICE_GROUPS, problem=problem), 422
    consents.agree_to_fetching(looking.own_client().id, by=looking)
    chosen = [group for group in DEVICE_GROUPS if group.value in request.form.getlist("share")]
    if chosen:
        consents.share_with_coaches(chosen, by=looking)
    app = app_of(looking.organisation_id)
    states.begin(links.starting(app, by=looking))
    target = authorization_url(app)
    if wants_fragment():
        return go_to(target)
    # A page with a link: Chromium holds a form's whole chain of redirects against form-action.
    return render_template("whoop/leaving.html", target=target)


def callback(slug: str | None = None) -> ResponseReturnValue:
    """Where WHOOP sends the browser back to, under several addresses; an own app has its own."""
    looking = viewer()
    app = _called_back(looking, slug)
    if request.args.get("error"):
        return _not_linked(_refusal_words(request.args["error"]), 200)
    start = links.starting(app, by=looking)
    states.begin(start)
    farewells.hold_back(start.client_id, start.organisation_id)
    db.session.commit()
    try:
        fresh = links.whose(exchange(app), start)
        return _link(fresh, start, looking)
    except NOT_LINKED as error:
        return _failed(error)


def _link(fresh: links.Fresh, start: states.Start, looking: Viewer) -> ResponseReturnValue:
    try:
        links.link(fresh, start, by=looking, now=now())
    except OtherAccount:
        db.session.rollback()
        choosing.offer(fresh, start, now=now())
        return go_to(url_for("whoop.other_account"))
    return _linked()


@bp.route("/cabinet/whoop/account", methods=["GET", "POST"])
@clients_only
def other_account() -> ResponseReturnValue:
    """Ask what is to become of the account that was linked before, and do it."""
    looking, choice = viewer(), request.form.get("choice")
    if request.method != "POST" or choice not in {"new", "cancel"}:
        if not choosing.is_offered(by=looking):
            abort(404)
        return render_template("whoop/other_account.html"), 200 if request.method != "POST" else 422
    if choice == "cancel":
        choosing.decline(by=looking)
        flash(_("Nothing was changed. The other WHOOP account was not linked."), "success")
        return go_to(url_for("cabinet.integrations"))
    try:
        return _linked() if choosing.accept(by=looking, now=now()) else abort(404)
    except NOT_LINKED as error:
        return _failed(error)


def _linked() -> ResponseReturnValue:
    flash(_("WHOOP is linked. Your last days are on their way."), "success")
    return go_to(url_for("cabinet.integrations"))


def _failed(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.warning("linking_failed", reason=type(error).__name__)
    return _not_linked(*_failure_words(error))


def _called_back(looking: Viewer, slug: str | None) -> App:
    if slug is None:
        return app_by_id(installation_app())
    return own_app(looking.organisation_id, slug) or abort(404)


for name, address in {
    "callback": "/cabinet/whoop-callback",
    "callback_own_app": "/cabinet/whoop-callback/<slug>",
    "callback_alias": "/integrations/whoop/callback",
    "callback_old_alias": "/oauth/whoop/callback/",
}.items():
    bp.add_url_rule(address, name, clients_only(callback), methods=["GET"])


@bp.post("/cabinet/whoop/sync")
@clients_only
@limited(SYNC)
def sync() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    integration = links.integration_of(client.id, by=looking)
    if integration is None or integration.status not in {Status.ACTIVE, Status.ERROR}:
        abort(409)
    jobs.ask_for_sync(integration)
    if wants_fragment():
        return page("whoop/card_page.html", "card", card=card(client, by=looking), now=now())
    return go_to(url_for("cabinet.integrations"))


@bp.route("/cabinet/whoop/disconnect", methods=["GET", "POST"])
@clients_only
def disconnect() -> ResponseReturnValue:
    looking = viewer()
    integration = links.integration_of(looking.own_client().id, by=looking)
    if integration is None or integration.status == Status.DISCONNECTED:
        abort(404)
    if request.method != "POST":
        return render_template("whoop/disconnect.html")
    history = request.form.get("history")
    if history not in {"keep", "delete"}:
        problem = _("Choose whether your history stays.")
        return render_template("whoop/disconnect.html", problem=problem), 422
    kept = history == "keep"
    if not kept and not proving.is_fresh(now()):  # what is deleted cannot be taken back
        return proving.ask()
    links.disconnect(integration, by=looking.user_id, keep_history=kept, now=now())
    flash(_("WHOOP is disconnected and our access is erased. WHOOP will be told."), "success")
    return go_to(url_for("cabinet.integrations"))


def _not_linked(text: str, code: int) -> ResponseReturnValue:
    return render_template("whoop/not_linked.html", text=text), code


def _refusal_words(error: str) -> str:
    if error == "access_denied":
        return _("You did not agree at WHOOP, so nothing was linked and nothing was fetched.")
    return _("WHOOP stopped the linking. Nothing was changed. Start again from your integrations.")


def _failure_words(error: Exception) -> tuple[str, int]:
    if isinstance(error, LinkedElsewhere | IntegrityError):
        return _("This WHOOP account cannot be linked here. Ask your coach for help."), 409
    if isinstance(error, TooLittleGranted):
        return _("WHOOP was not allowed to share what Coach needs. Start again and allow all."), 403
    if isinstance(error, MustReconnect):
        return _("This link is not valid any more. Start again from your integrations."), 400
    if isinstance(error, OurFault):
        return _(
            "WHOOP does not accept this installation. Tell your coach; nothing was changed."
        ), 502
    return _("WHOOP did not answer. Nothing was changed. Try again in a few minutes."), 503
