"""The OpenAPI 3.1 document, made from the operations: spectree's, and what it cannot know."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from coach.api.operations import FILES, JSON, OPERATIONS, Operation, spec
from coach.api.scopes import MEANS
from coach.web.problems import DETAILS, MEDIA_TYPE

# A document is a tree of whatever JSON can hold.
Tree = dict[str, Any]

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
_SAID = {
    409: "Somebody changed it first",
    415: "The body is of another kind",
    429: "Too many calls",
}
_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_PATHS: dict[str, Tree] = {
    "client_id": {
        "description": "a client's id, `ext:` and your own id of theirs, or `me`",
        "example": "me",
    },
    "date": {"description": "a date in the client's days", "example": "2026-05-14"},
}
ABOUT = """The same facts as the screens, for programs. Send `Authorization: Bearer …`.

A person's token sees what its person sees. A service's token sees the clients of its organisation,
and of their values the groups they share with all their coaches."""


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
            "description": _SAID.get(status) or DETAILS.get(status, "Not valid"),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    for answer in told["responses"].values():
        answer.setdefault("headers", {}).update(
            {name: {"schema": {"type": "integer"}} for name in _LIMITS}
        )
    if operation.takes == FILES:
        told["requestBody"] = _FILES


def _name(parameter: Tree) -> None:
    known = _PATHS.get(parameter["name"], {})
    parameter |= {"schema": {"type": "string"}} if not parameter["schema"] else {}
    parameter |= known
    if parameter["name"] == "date":
        parameter["schema"] = {"type": "string", "format": "date"}


def _refusals(operation: Operation) -> list[int]:
    body = (400, 413, 415) if operation.takes in {JSON, FILES} else ()
    extra = (409,) if operation.conflicts or operation.writes else ()
    outside = (502,) if operation.conflicts else ()
    return sorted({*ALWAYS, *body, *extra, *outside})


def _header(name: str, description: str) -> Tree:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
        "description": description,
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
