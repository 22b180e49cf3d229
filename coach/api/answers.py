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
        asked = chosen(_shape(answer), fields)
        if isinstance(answer, Page):
            rows: dict[str, IncEx | bool] = {"items": {"__all__": asked}, "next_cursor": True}
            body = answer.model_dump_json(include=rows)
        else:
            body = answer.model_dump_json(include=asked)
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


def chosen(shape: type[BaseModel], fields: str | None) -> set[str]:
    """Read which fields of a shape are asked for: all, when none is named; raises Refused."""
    known = set(shape.model_fields)
    if not fields:
        return known
    asked = {name.strip() for name in fields.split(",")}
    if unknown := sorted(asked - known):
        raise invalid("fields", f"{unknown[0]!r} is not one of {', '.join(sorted(known))}")
    return asked


def _shape(answer: BaseModel) -> type[BaseModel]:
    if not isinstance(answer, Page):
        return type(answer)
    shape: type[BaseModel]
    (shape,) = get_args(type(answer).model_fields["items"].annotation)
    return shape
