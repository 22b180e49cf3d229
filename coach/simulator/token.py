"""The token endpoint: codes and refresh tokens in, pairs out."""

import hmac

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

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
    if not _is_the_app():
        return _refused("invalid_client"), 401
    try:
        pair = _pair()
    except GrantRefused:
        return _refused("invalid_grant"), 400
    except BadTokenRequest as problem:
        return _refused(str(problem)), 400
    return _answer(pair)


def _is_the_app() -> bool:
    """Check the credentials in the body; WHOOP's documents show no other way."""
    registration, form = world().registration, request.form
    known = form.get("client_id") == registration.client_id
    secret = form.get("client_secret", "").encode()
    return hmac.compare_digest(secret, registration.client_secret.encode()) and known


def _pair() -> Pair:
    grants = world().grants
    match request.form.get("grant_type"):
        case "authorization_code":
            return grants.exchange(
                _required("code"),
                redirect_uri=_required("redirect_uri"),
                verifier=request.form.get("code_verifier"),
            )
        case "refresh_token":
            return grants.refresh(_required("refresh_token"))
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
