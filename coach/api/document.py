"""The OpenAPI 3.1 document, made from the operations: spectree's, and what it cannot know."""

import json
from copy import deepcopy
from functools import cache
from http import HTTPStatus

from coach.api import health_routes
from coach.api.examples import Tree, example
from coach.api.operations import FILES, JSON, OPERATIONS, Operation, spec
from coach.api.scopes import MEANS
from coach.web.problems import DETAILS, MEDIA_TYPE

_PROBLEM: Tree = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "/api/docs#problem-422",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "Some fields are not valid.",
        "request_id": "0198c0ffee",
        "errors": [{"field": "rating", "reason": "Input should be less than or equal to 10"}],
    },
}
ALWAYS = (401, 403, 404, 422, 429, 500, 503)
_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_OF_STATUS = {
    "200": ("ETag",),
    "202": ("Location",),
    "304": ("ETag",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_SLEEP, _WORKOUT = (
    *("ecfc6a15-4661-442f-a9a4-f160dd7afae8", "1043c3d1-2f5f-4b0e-9a2b-1f6e0a2a7f10"),
)
_PATHS: dict[str, Tree] = {
    "client_id": {
        "description": "a client's id, `ext:` and your own id of theirs, or `me`",
        "example": "me",
    },
    "date": {"description": "a date in the client's days", "example": "2026-05-14"},
    "cycle_id": {"description": "WHOOP's id of a cycle", "example": "93845"},
    "sleep_id": {"description": "WHOOP's id of a sleep", "example": _SLEEP},
    "workout_id": {"description": "WHOOP's id of a workout", "example": _WORKOUT},
}
ABOUT = """The same facts as the screens, for programs. Send `Authorization: Bearer …`.

A person's token sees what its person sees. A service's token sees the clients of its organisation,
and of their values the groups they share with all their coaches.

`start_date` and `end_date` are both included, and are days of the client's own calendar, as the days
and the records are told. `limit` and `cursor` page through a list; `fields` leaves out the rest."""


@cache
def document() -> Tree:
    """Make the document, once; the application must be there."""
    made = deepcopy(spec.spec)
    made["info"] = {"title": "Coach", "version": "1", "description": ABOUT}
    made["components"]["schemas"] = {
        name: _plain(each) for name, each in made["components"]["schemas"].items() if _ours(name)
    }
    made["components"]["schemas"]["Problem"] = _PROBLEM
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    made["x-scopes"] = {scope.value: words for scope, words in MEANS.items()}
    for path in made["paths"].values():
        for method, told in path.items():
            _complete(told, OPERATIONS[told["operationId"]], method)
            _exemplify(told, made["components"]["schemas"])
    made["paths"][health_routes.ADDRESS] = {"get": _HEALTH}
    return made


def _ours(name: str) -> bool:
    return not name.startswith("ValidationError")


def _plain(schema: Tree) -> Tree:
    schema.pop("$defs", None)
    return schema


def _complete(told: Tree, operation: Operation, method: str) -> None:
    told["security"] = [{"token": [operation.scope.value]}]
    told["x-scope"] = operation.scope.value
    for parameter in told["parameters"]:
        if parameter["in"] == "path":
            _name(parameter)
    unsafe = method != "get"
    if unsafe:
        told["parameters"].append(_header("Idempotency-Key", "given again, the first answer comes"))
    else:
        told["parameters"].append(_header("If-None-Match", "the `ETag` you have"))
        told["responses"]["304"] = {"description": "You have just that"}
    for status in _refusals(operation):
        told["responses"][str(status)] = {
            "description": DETAILS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    for status, answer in told["responses"].items():
        answer["headers"] = _headers(
            () if unsafe and status == "200" else _OF_STATUS.get(status, ())
        )
    if operation.takes == FILES:
        told["requestBody"] = _FILES


def _headers(more: tuple[str, ...]) -> Tree:
    """Say what an answer carries beside its body."""
    numbers = {name: {"schema": {"type": "integer"}} for name in _LIMITS}
    texts = {name: {"schema": {"type": "string"}} for name in ("X-Request-ID", *more)}
    return numbers | texts


def _exemplify(told: Tree, shapes: Tree) -> None:
    """Give each body and each answer but the refusals an example, a problem its own."""
    told_of = [told["requestBody"]] if "requestBody" in told else []
    for body in (*told_of, *told["responses"].values()):
        for media, content in body.get("content", {}).items():
            if media == JSON:
                content["example"] = example(content["schema"], shapes)
    _allow_no_body(told, shapes)
    for status, answer in told["responses"].items():
        for media, content in answer.get("content", {}).items():
            if media == MEDIA_TYPE:
                content["example"] = _problem_of(int(status), answer["description"])


def _allow_no_body(told: Tree, shapes: Tree) -> None:
    """Say that a body none of whose fields is required may be left out."""
    content = told.get("requestBody", {}).get("content", {}).get(JSON)
    if content is not None:
        name = content["schema"]["$ref"].rpartition("/")[2]
        told["requestBody"]["required"] = bool(shapes[name].get("required"))


def _problem_of(status: int, detail: str) -> Tree:
    """Write the problem of a status as it looks."""
    wrong = [{"field": "end_date", "reason": "Input should be a valid date"}]
    return {
        "type": f"/api/docs#problem-{status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": "0198c0ffee",
        **({"errors": wrong} if status == 422 else {}),
    }


def _name(parameter: Tree) -> None:
    known = _PATHS.get(parameter["name"], {})
    parameter |= {"schema": {"type": "string"}} if not parameter["schema"] else {}
    parameter |= known
    if parameter["name"] == "date":
        parameter["schema"] = {"type": "string", "format": "date"}


def _refusals(operation: Operation) -> list[int]:
    body = (400, 413, 415) if operation.takes in {JSON, FILES} else ()
    extra = (409,) if operation.writes else ()
    outside = (502,) if operation.asks_whoop else ()
    return sorted({*ALWAYS, *body, *extra, *outside})


def _header(name: str, description: str) -> Tree:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
        "description": description,
    }


_STATE: Tree = {
    "type": "object",
    "required": ["status", "database", "queue"],
    "properties": {name: {"type": "string"} for name in ("status", "database", "queue")},
}
_HEALTH: Tree = {
    "operationId": health_routes.NAME,
    "summary": "Say whether database and queue answer; takes no token.",
    "tags": ["Health"],
    "security": [],
    "parameters": [],
    "responses": {
        str(status): {
            "description": said,
            "content": {
                JSON: {
                    "schema": _STATE,
                    "example": {"status": word, "database": part, "queue": "ok"},
                }
            },
        }
        for status, said, word, part in (
            (200, "All parts answer", "ok", "ok"),
            (503, "A part does not answer", "unavailable", "unreachable"),
        )
    },
}
_FILES: Tree = {
    "required": True,
    "content": {
        FILES: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                },
            }
        }
    },
}


def as_text() -> str:
    """Write the document."""
    return json.dumps(document())
