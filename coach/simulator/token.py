"""The token endpoint: codes and refresh tokens in, pairs out."""

import hmac

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from coach.simulator.apps import Registration
from coach.simulator.grants import TOKEN_LIFE, GrantRefused, Pair
from coach.simulator.world import world

WHY = {
    "invalid_client": "Client authentication failed (e.g., unknown client, no client authentication"
    " included, or unsupported authentication method).",
    "invalid_grant": "The provided authorization grant (e.g., authorization code, resource owner"
    " credentials) or refresh token is invalid, expired, revoked, does not match the redirection"
    " URI used in the authorization request, or was issued to another client.",
    "invalid_request": "The request is missing a required parameter, includes an invalid parameter"
    " value, or is otherwise malformed.",
    "unsupported_grant_type": "The authorization grant type is not supported.",
}

routes = Blueprint("token", __name__, url_prefix="/oauth/oauth2")


class BadTokenRequest(Exception):
    """The request itself is wrong; the argument is the OAuth error."""


@routes.post("/token")
def token() -> ResponseReturnValue:
    app = _app()
    if app is None:
        return _refused("invalid_client"), 401
    try:
        pair = _pair(app.client_id)
    except GrantRefused:
        return _refused("invalid_grant"), 400
    except BadTokenRequest as problem:
        return _refused(str(problem)), 400
    return _answer(pair)


def _app() -> Registration | None:
    """Check the credentials in the body; WHOOP's documents show no other way."""
    app, secret = (
        world().apps.find(request.form.get("client_id")),
        request.form.get("client_secret"),
    )
    known = app and hmac.compare_digest((secret or "").encode(), app.client_secret.encode())
    return app if known else None


def _pair(client_id: str) -> Pair:
    grants = world().grants
    match request.form.get("grant_type"):
        case "authorization_code":
            return grants.exchange(
                _required("code"),
                client_id=client_id,
                redirect_uri=_required("redirect_uri"),
                verifier=request.form.get("code_verifier"),
            )
        case "refresh_token":
            return grants.refresh(_required("refresh_token"), client_id=client_id)
        case None:
            raise BadTokenRequest("invalid_request")
        case _:
            raise BadTokenRequest("unsupported_grant_type")


def _required(name: str) -> str:
    value = request.form.get(name)
    if not value:
        raise BadTokenRequest("invalid_request")
    return value


def _answer(pair: Pair) -> ResponseReturnValue:
    """Return the pair. Whose it is, WHOOP does not say."""
    body: dict[str, object] = {
        "access_token": pair.access_token,
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "scope": " ".join(pair.scopes),
        "token_type": "bearer",
    }
    if pair.refresh_token:
        body["refresh_token"] = pair.refresh_token
    return jsonify(body), {"Cache-Control": "no-store"}


def _refused(error: str) -> Response:
    return jsonify(error=error, error_description=WHY[error])
