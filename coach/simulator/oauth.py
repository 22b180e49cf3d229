"""Where a member lands: the authorization request, sign-in and consent."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from coach.simulator.grants import Consent
from coach.simulator.visits import Visit
from coach.simulator.world import world

SHORTEST_STATE = 8
SCOPES = {
    "read:recovery": "Recovery, heart rate variability and resting heart rate",
    "read:cycles": "Day strain and heart rate of each day",
    "read:workout": "Workouts with their strain and heart rate",
    "read:sleep": "Sleep performance and time in each stage",
    "read:profile": "Name and e-mail address",
    "read:body_measurement": "Height, weight and maximum heart rate",
    "offline": "Stay connected while you are away",
}
HINTS = {
    "invalid_state": "The state is missing or shorter than 8 characters",
    "invalid_scope": "The requested scope is unknown",
    "unsupported_response_type": "Only response_type=code is supported",
    "invalid_request": "A code challenge needs code_challenge_method=S256",
    "access_denied": "The resource owner denied the request",
}

routes = Blueprint("oauth", __name__, url_prefix="/oauth")


@routes.get("/oauth2/auth")
def authorize() -> ResponseReturnValue:
    asked, app = request.args, world().apps.find(request.args.get("client_id"))
    if app is None:
        return _stop("This app is not registered here (client_id).")
    if asked.get("redirect_uri") not in app.redirect_uris:
        return _stop("The address to return to is not registered for this app (redirect_uri).")
    refusal = _refusal(asked)
    if refusal:  # before sign-in, so the state comes back empty
        return _refuse(asked["redirect_uri"], refusal, state="")
    key = world().visits.begin(
        client_id=app.client_id,
        redirect_uri=asked["redirect_uri"],
        scopes=tuple(asked.get("scope", "").split()),
        state=asked["state"],
        challenge=asked.get("code_challenge"),
    )
    return redirect(url_for(".login", login_challenge=key))


@routes.get("/login")
def login() -> ResponseReturnValue:
    key = request.args.get("login_challenge", "")
    if world().visits.find(key) is None:
        return _stop("This sign-in has expired. Go back to the app and start again.")
    return _login_page(key)


@routes.post("/login")
def sign_in() -> ResponseReturnValue:
    key, email = request.form.get("login_challenge", ""), request.form.get("email", "")
    member = world().member_by_email(email) if request.form.get("password") else None
    if member is None and world().visits.find(key):
        return _login_page(
            key, email=email, problem="No member has this address, or the password is empty."
        ), 422
    next_key = world().visits.sign_in(key, member.user_id) if member else None
    if next_key is None:
        return _stop("This sign-in has expired. Go back to the app and start again.")
    return redirect(url_for(".consent", consent_challenge=next_key), 303)


@routes.get("/consent")
def consent() -> ResponseReturnValue:
    key = request.args.get("consent_challenge", "")
    visit = world().visits.find(key)
    member = world().member(visit.user_id) if visit and visit.user_id else None
    if visit is None or member is None:
        return _stop("This request has expired. Go back to the app and start again.")
    return render_template(
        "simulator/consent.html", key=key, member=member, scopes=[SCOPES[s] for s in visit.scopes]
    )


@routes.post("/consent")
def decide() -> ResponseReturnValue:
    key = request.form.get("consent_challenge", "")
    signed_in = world().visits.find(key)
    visit = world().visits.leave(key) if signed_in and signed_in.user_id else None
    if visit is None or visit.user_id is None:
        return _stop("This request has expired. Go back to the app and start again.")
    if request.form.get("decision") != "allow":
        return _refuse(visit.redirect_uri, "access_denied", state=visit.state)
    return _back_with_code(visit, visit.user_id)


def _back_with_code(visit: Visit, user_id: int) -> ResponseReturnValue:
    allowed = Consent(visit.client_id, user_id, visit.scopes, visit.redirect_uri, visit.challenge)
    answer = {
        "code": world().grants.allow(allowed),
        "scope": " ".join(visit.scopes),
        "state": visit.state,
    }
    return _back(visit.redirect_uri, answer)


def _refusal(asked: Mapping[str, str]) -> str | None:
    """Return the error code for what the app asked wrongly."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if len(asked.get("state", "")) < SHORTEST_STATE:
        return "invalid_state"
    if not SCOPES.keys() >= set(asked.get("scope", "").split()):
        return "invalid_scope"
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    return None


def _refuse(uri: str, error: str, *, state: str) -> ResponseReturnValue:
    hint = HINTS[error]
    return _back(
        uri, {"error": error, "error_description": hint, "error_hint": hint, "state": state}
    )


def _back(uri: str, answer: Mapping[str, str]) -> ResponseReturnValue:
    joint = "&" if "?" in uri else "?"
    return redirect(f"{uri}{joint}{urlencode(answer)}", 303)


def _login_page(key: str, *, email: str = "", problem: str = "") -> str:
    return render_template(
        "simulator/login.html", key=key, members=world().named, email=email, problem=problem
    )


def _stop(reason: str) -> ResponseReturnValue:
    """Show the member a page: there is nobody it would be safe to send them back to."""
    return render_template("simulator/problem.html", reason=reason), 400
