"""The page a client opens with a code, and the way back from WHOOP to the organisation's own page."""

from dataclasses import asdict, dataclass
from typing import Self
from uuid import UUID

import structlog
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue

from coach.accounts import consents, directory
from coach.accounts.access import Viewer
from coach.accounts.sharing import DEVICE_GROUPS
from coach.api import auth, linking
from coach.api.models import LinkingCode
from coach.extensions import db, settings
from coach.web.session import hash_token
from coach.whoop.apps import App, app_of
from coach.whoop.grant import farewells, states
from coach.whoop.grant.oauth import begin_elsewhere, exchange_elsewhere
from coach.whoop.grant.states import Start
from coach.whoop.linking import choosing, links
from coach.whoop.linking.links import NOT_LINKED, OtherAccount
from coach.work.leases import now

log = structlog.get_logger()
bp = Blueprint("api_linking", __name__, url_prefix="/link", template_folder="templates")
UNDERWAY = "linking_by_code"


@dataclass(frozen=True, slots=True)
class Underway:
    """What the browser's session keeps while its person is at WHOOP."""

    organisation_id: str
    code_id: str
    state_hash: str

    @classmethod
    def of_session(cls) -> Self | None:
        """Give the linking whose answer this request brings; None for any other request."""
        kept = browser.get(UNDERWAY)
        found = cls(**kept) if isinstance(kept, dict) else None
        same = found and found.state_hash == hash_token(request.args.get("state", ""))
        return found if same else None


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.get("/whoop/<code>")
def show(code: str) -> ResponseReturnValue:
    """Say what is asked for and by whom; to look uses nothing up, as a mail's preview does."""
    return _page(_open_or_410(code))


@bp.post("/whoop/<code>")
def agree(code: str) -> ResponseReturnValue:
    """Use the code up and send the browser to WHOOP."""
    found = _open_or_410(code)
    if request.form.get("agree") != "yes":
        return _page(found, must_agree=True), 422
    if not linking.claim(code):
        abort(410)
    chosen = [group for group in DEVICE_GROUPS if group.value in request.form.getlist("share")]
    by = auth.service(found.token_id, found.organisation_id, "")
    if by is None:
        abort(410)
    consents.agree_to_fetching(found.client_id, by=by)
    if chosen:
        consents.share_on_paper(found.client_id, chosen, by=by)
    app = app_of(found.organisation_id)
    states.begin(_start(found, app))
    target, state = begin_elsewhere(app, app.callback_address)
    kept = Underway(str(found.organisation_id), str(found.id), hash_token(state))
    browser[UNDERWAY] = asdict(kept)
    return render_template("whoop/leaving.html", target=target)


@bp.before_app_request
def come_back() -> ResponseReturnValue | None:
    """Take the answer to a linking that began with a code, whoever may be signed in here."""
    if not (request.endpoint or "").startswith("whoop.callback"):
        return None
    underway = Underway.of_session()
    if underway is None:
        return None
    browser.pop(UNDERWAY)
    found = linking.begun(UUID(underway.organisation_id), UUID(underway.code_id))
    if found is None:
        abort(410)
    return _away(found.return_to, _outcome(found))


def _outcome(found: LinkingCode) -> str:
    """Link, and say in a word what came of it."""
    if request.args.get("error"):
        return "denied" if request.args["error"] == "access_denied" else "error"
    by = auth.service(found.token_id, found.organisation_id, "")
    if by is None:
        return "error"
    app = app_of(found.organisation_id)
    start = _start(found, app)
    states.begin(start)
    farewells.hold_back(start.client_id, start.organisation_id)
    code, state = request.args.get("code", ""), request.args["state"]
    try:
        fresh = links.whose(exchange_elsewhere(app, code, state), start)
        _link(fresh, start, by)
    except (*NOT_LINKED, OtherAccount) as error:
        db.session.rollback()
        log.warning("linking_failed", reason=type(error).__name__)
        return "error"
    return "success"


def _link(fresh: links.Fresh, start: Start, by: Viewer) -> None:
    try:
        links.link(fresh, start, by=by, now=now())
    except OtherAccount:
        db.session.rollback()
        choosing.offer(fresh, start, now=now())  # nobody can decide here: it is given back
        db.session.commit()
        raise


def _start(found: LinkingCode, app: App) -> Start:
    return Start(
        organisation_id=found.organisation_id,
        user_id=found.token_id,
        client_id=found.client_id,
        whoop_app_id=app.id,
        redirect_uri=app.callback_address,
    )


def _open_or_410(code: str) -> LinkingCode:
    found = linking.find(code, now=now())
    if found is None:
        abort(410)
    return found


def _page(found: LinkingCode, *, must_agree: bool = False) -> str:
    return render_template(
        "api/link.html",
        organisation=directory.organisation_name(found.organisation_id),
        groups=DEVICE_GROUPS,
        must_agree=must_agree,
    )


def _away(return_to: str, outcome: str) -> Response:
    answer = make_response(redirect(linking.back(return_to, outcome), 303))
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
