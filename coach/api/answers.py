"""How a shape becomes an answer: JSON, only the fields asked for, with an ETag."""

from hashlib import sha256
from typing import get_args

from flask import Response, request
from pydantic import BaseModel
from pydantic.main import IncEx

from coach.api.shapes import Page
from coach.web.problems import invalid

CACHE = "private, no-cache"


def as_json(answer: BaseModel, status: int, fields: str | None = None) -> Response:
    """Write an answer, without the fields nobody asked for."""
    if not fields:
        body = answer.model_dump_json()
    else:
        chosen = _chosen(answer, fields)
        if isinstance(answer, Page):
            rows: dict[str, IncEx | bool] = {"items": {"__all__": chosen}, "next_cursor": True}
            body = answer.model_dump_json(include=rows)
        else:
            body = answer.model_dump_json(include=chosen)
    response = Response(body, status, content_type="application/json")
    response.headers["Cache-Control"] = CACHE
    return response


def unless_known(response: Response) -> Response:
    """Name what is answered; a caller who has just that is told so, without a body."""
    response.set_etag(sha256(response.get_data()).hexdigest()[:32], weak=True)
    if not request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        return response
    known = Response(status=304)
    known.headers["ETag"] = response.headers["ETag"]
    known.headers["Cache-Control"] = CACHE
    return known


def _chosen(answer: BaseModel, fields: str) -> set[str]:
    shape = type(answer)
    if isinstance(answer, Page):
        (shape,) = get_args(shape.model_fields["items"].annotation)
    known = set(shape.model_fields)
    asked = {name.strip() for name in fields.split(",")}
    if unknown := sorted(asked - known):
        raise invalid("fields", f"{unknown[0]!r} is not one of {', '.join(sorted(known))}")
    return asked
