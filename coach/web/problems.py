"""One shape for every refusal that a program reads: RFC 9457 problem details.

They are in English, for those who write programs; `type` and `errors[].field` are what code reads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
DETAILS = {
    400: "The request could not be read.",
    401: "Send a token that is valid: `Authorization: Bearer …`.",
    403: "This token may not do that.",
    404: "There is nothing here, or it is not shared with you.",
    405: "This address does not know that method; `Allow` names those it knows.",
    409: "It is no longer as you saw it, or the first call with this key is under way.",
    413: "That is larger than this installation takes.",
    415: "The body is of another kind than this address takes.",
    422: "Some fields are not valid; `errors` names each of them and the reason.",
    429: "Too many calls for now; `Retry-After` says how many seconds to wait.",
    500: "Something broke on our side. Nothing was changed.",
    502: "WHOOP does not accept this installation.",
    503: "The database is not reachable. Try again in a few seconds.",
    507: "There is no room on the server. Nothing was kept.",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, by its path in the body or its name in the address."""

    field: str
    reason: str


class Refused(HTTPException):
    """A call that is not done; the answer says why."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(response=problem(status, detail, errors=errors, headers=headers))
        self.code = status


def invalid(field: str, reason: str) -> Refused:
    """Refuse one field of a call."""
    return Refused(422, "Some fields are not valid.", errors=[FieldError(field, reason)])


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem document."""
    phrase = HTTPStatus(status).phrase
    said: dict[str, object] = {
        "type": f"/api/docs#problem-{status}",
        "title": phrase,
        "status": status,
        "detail": detail or DETAILS.get(status, phrase),
        "request_id": g.get("request_id", ""),
    }
    if errors:
        said["errors"] = [asdict(each) for each in errors]
    return Response(json.dumps(said) + "\n", status, headers, content_type=MEDIA_TYPE)


def wants_problem() -> bool:
    """Tell whether a program asks, by the address."""
    return request.path.startswith(PREFIX)
