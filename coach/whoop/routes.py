"""Connect, callback, sync now, disconnect."""

import structlog
from flask import Blueprint, Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from coach.accounts import consents
from coach.accounts.access import clients_only, viewer
from coach.accounts.sharing import DEVICE_GROUPS
from coach.extensions import db, settings
from coach.web.htmx import go_to, page, wants_fragment
from coach.whoop import jobs, linking, states
from coach.whoop.card import card
from coach.whoop.errors import MustReconnect, OurFault, WhoopError
from coach.whoop.linking import LinkedElsewhere, OtherAccount, TooLittleGranted
from coach.whoop.models import Status
from coach.whoop.oauth import authorization_url, exchange
from coach.work.leases import now

log = structlog.get_logger()
bp = Blueprint("whoop", __name__, template_folder="templates")


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
    return page("whoop/card.html", "card", card=card(looking.own_client(), by=looking), now=now())


@bp.get("/cabinet/whoop/connect")
@clients_only
def explain() -> ResponseReturnValue:
    return render_template("whoop/consent.html", groups=DEVICE_GROUPS)


@bp.post("/cabinet/whoop/connect")
@clients_only
def connect() -> ResponseReturnValue:
    looking = viewer()
    if request.form.get("agree") != "yes":
        problem = _("Tick the box to agree, or go back: without it nothing is fetched.")
        return render_template("whoop/consent.html", groups=DEVICE_GROUPS, problem=problem), 422
    chosen = [group for group in DEVICE_GROUPS if group.value in request.form.getlist("share")]
    if chosen:
        consents.share_with_coaches(chosen, by=looking)
    start = linking.starting(looking)
    states.begin(start)
    target = authorization_url(start.redirect_uri)
    if wants_fragment():
        return go_to(target)
    # A page with a link: Chromium holds a form's whole chain of redirects against form-action.
    return render_template("whoop/leaving.html", target=target)


def callback() -> ResponseReturnValue:
    """Where WHOOP sends the browser back to, under several addresses."""
    looking = viewer()
    if request.args.get("error"):
        return _not_linked(_refusal_words(request.args["error"]), 200)
    start = linking.starting(looking)
    states.begin(start)
    db.session.commit()
    try:
        tokens = exchange()
        member = linking.member_id(tokens, start)
        linking.link(tokens, member, start, by=looking, now=now())
    except (
        WhoopError,
        LinkedElsewhere,
        OtherAccount,
        TooLittleGranted,
        IntegrityError,  # two clients with one account at once: the database lets one of them in
    ) as error:
        db.session.rollback()
        log.warning("linking_failed", reason=type(error).__name__)
        return _not_linked(*_failure_words(error))
    flash(_("WHOOP is linked. Your last days are on their way."), "success")
    return go_to(url_for("cabinet.integrations"))


for name, address in {
    "callback": "/cabinet/whoop-callback",
    "callback_alias": "/integrations/whoop/callback",
    "callback_old_alias": "/oauth/whoop/callback/",
}.items():
    bp.add_url_rule(address, name, clients_only(callback), methods=["GET"])


@bp.post("/cabinet/whoop/sync")
@clients_only
def sync() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    integration = linking.integration_of(client.id, by=looking)
    if integration is None or integration.status not in {Status.ACTIVE, Status.ERROR}:
        abort(409)
    jobs.ask_for_sync(integration)
    if wants_fragment():
        return page("whoop/card.html", "card", card=card(client, by=looking), now=now())
    return go_to(url_for("cabinet.integrations"))


@bp.route("/cabinet/whoop/disconnect", methods=["GET", "POST"])
@clients_only
def disconnect() -> ResponseReturnValue:
    looking = viewer()
    integration = linking.integration_of(looking.own_client().id, by=looking)
    if integration is None or integration.status == Status.DISCONNECTED:
        abort(404)
    if request.method == "GET":
        return render_template("whoop/disconnect.html")
    history = request.form.get("history")
    if history not in {"keep", "delete"}:
        problem = _("Choose whether your history stays.")
        return render_template("whoop/disconnect.html", problem=problem), 422
    farewell = linking.disconnect(integration, by=looking, keep_history=history == "keep")
    db.session.commit()  # what cannot be undone comes after: WHOOP is told
    _say_goodbye(farewell)
    return go_to(url_for("cabinet.integrations"))


def _say_goodbye(farewell: linking.Farewell | None) -> None:
    if farewell is None or linking.tell_whoop(farewell):
        flash(_("WHOOP is disconnected."), "success")
        return
    flash(
        _(
            "WHOOP is disconnected here and our access is erased, but WHOOP could not be told."
            " Remove Coach in the WHOOP app too."
        ),
        "warning",
    )


def _not_linked(text: str, code: int) -> ResponseReturnValue:
    return render_template("whoop/not_linked.html", text=text), code


def _refusal_words(error: str) -> str:
    if error == "access_denied":
        return _("You did not agree at WHOOP, so nothing was linked and nothing was fetched.")
    return _("WHOOP stopped the linking. Nothing was changed. Start again from your integrations.")


def _failure_words(error: Exception) -> tuple[str, int]:
    if isinstance(error, LinkedElsewhere | IntegrityError):
        return _("This WHOOP account cannot be linked here. Ask your coach for help."), 409
    if isinstance(error, OtherAccount):
        return _(
            "This is not the WHOOP account you linked before."
            " Disconnect that one first, then link the new one."
        ), 409
    if isinstance(error, TooLittleGranted):
        return _("WHOOP was not allowed to share what Coach needs. Start again and allow all."), 403
    if isinstance(error, MustReconnect):
        return _("This link is not valid any more. Start again from your integrations."), 400
    if isinstance(error, OurFault):
        return _(
            "WHOOP does not accept this installation. Tell your coach; nothing was changed."
        ), 502
    return _("WHOOP did not answer. Nothing was changed. Try again in a few minutes."), 503
