"""The one decorator that makes an operation: token, scope, shapes, repetition, answer, document."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Required, TypeAlias, TypedDict, TypeVar, Unpack

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from spectree import Response as Responses
from spectree import SpecTree
from werkzeug.exceptions import HTTPException

from coach.api import auth
from coach.api.answers import as_json, unless_known
from coach.api.idempotency import once
from coach.api.scopes import Scope
from coach.api.shapes import Nothing, Only, Sparse
from coach.extensions import db
from coach.web.problems import FieldError, Refused, problem

Given: TypeAlias = BaseModel | Response | tuple[BaseModel, int] | None
View = TypeVar("View", bound=Callable[..., Given])
JSON, FILES = "application/json", "multipart/form-data"
ANYTHING = 100  # rows of errors that one answer names at most
MOST_JSON_BYTES = 1_000_000  # a body of ours is some lines; uploads may be larger

bp = Blueprint("api", __name__, url_prefix="/api/v1", template_folder="templates")


def _refuse_invalid(
    _request: object, _response: object, error: Exception | None, *_more: object
) -> None:
    """Name each field that is wrong, and why; never what it held."""
    if not isinstance(error, ValidationError):
        return
    found = error.errors(include_input=False, include_context=False, include_url=False)
    wrong = [
        FieldError(".".join(map(str, each["loc"])) or "body", each["msg"])
        for each in found[:ANYTHING]
    ]
    raise Refused(422, "Some fields are not valid.", errors=wrong)


spec = SpecTree(
    "flask",
    mode="strict",
    annotations=True,
    page_templates={},
    before=_refuse_invalid,
    naming_strategy=lambda shape: shape.__name__.replace("[", "Of").replace("]", ""),
    nested_naming_strategy=lambda _parent, child: child.replace("[", "Of").replace("]", ""),
    title="Coach",
    version="1",
)


class Documented(Responses):
    """Answers that stand in the document; they are made of our shapes, so none is checked twice."""

    def find_model(self, code: int) -> None:  # noqa: ARG002  # spectree calls it so
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of an operation beside its shapes; `takes` is a media type.

    Whatever writes may answer 409 to a repetition that comes too soon.
    """

    scope: Scope
    takes: str | None
    writes: bool
    asks_whoop: bool


OPERATIONS: dict[str, Operation] = {}


class Details(TypedDict, total=False):
    """More of an operation; `takes` is a media type, `asks_whoop` tells that WHOOP may refuse us."""

    tag: Required[str]
    method: str
    status: int
    takes: str
    asks_whoop: bool


def operation(
    rule: str, scope: Scope, answers: type[BaseModel] | None, **more: Unpack[Details]
) -> Callable[[View], View]:
    """Make a view an operation at `/api/v1` + rule, for tokens with this scope.

    The view takes `query` and `json` as their annotations say, and gives what it answers. One that
    takes no `query` may be asked for some fields, where its answer has some.
    """
    method, status = more.get("method", "GET"), more.get("status", 200)

    def bind(view: View) -> View:
        name = view.__name__
        codes = {f"HTTP_{status}": answers} if answers else {}
        told = Documented(*([] if answers else [f"HTTP_{status}"]), **codes)
        media = more.get("takes") or (JSON if "json" in view.__annotations__ else None)
        writes = method != "GET"
        OPERATIONS[name] = Operation(scope, media, writes, more.get("asks_whoop", False))
        asks = None if "query" in view.__annotations__ else _asks(answers, writes=writes)
        validated = spec.validate(query=asks, resp=told, tags=(more["tag"],), operation_id=name)(
            _answering(view, status, safe=not writes)
        )

        @wraps(validated)
        def guarded(**path: object) -> ResponseReturnValue:
            auth.let_in(scope)
            _refuse_media(media)
            return validated(**path)

        bp.add_url_rule(rule, name, guarded, methods=[method])
        return view

    return bind


def _asks(answers: type[BaseModel] | None, *, writes: bool) -> type[BaseModel]:
    sparse = answers is not None and issubclass(answers, Sparse) and not writes
    return Only if sparse else Nothing


def _answering(view: Callable[..., Given], status: int, *, safe: bool) -> Callable[..., Response]:
    @wraps(view)
    def answering(**given: object) -> Response:
        if safe:
            answer = _answer(view, given, status)
            return unless_known(answer) if answer.status_code == 200 else answer
        return once(lambda: _answer(view, given, status))

    return answering


def _answer(view: Callable[..., Given], given: dict[str, object], status: int) -> Response:
    """Do it; a refusal is an answer too, which is kept for whoever repeats the call."""
    try:
        said = view(**given)
    except HTTPException as error:
        refusal = error.get_response()
        if isinstance(refusal, Response) and refusal.mimetype == "application/problem+json":
            return refusal
        return problem(error.code or 500)
    db.session.flush()
    if isinstance(said, Response):
        return said
    if said is None:
        return Response(status=status)
    shape, code = said if isinstance(said, tuple) else (said, status)
    return as_json(shape, code, request.args.get("fields"))


def _refuse_media(media: str | None) -> None:
    """Refuse a body that is of another kind, or no JSON at all; none at all says nothing: `{}`."""
    if media is None:
        return
    if media == JSON:
        request.max_content_length = MOST_JSON_BYTES
        if request.mimetype in {"", JSON} and not request.get_data():
            return
    if request.mimetype != media:
        raise Refused(415, f"Send {media}.")
    if media == JSON:
        _read_json()


def _read_json() -> None:
    try:
        said = json.loads(
            request.get_data(), parse_constant=_no_number, object_pairs_hook=_named_once
        )
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON, or names a field twice.") from None
    if not isinstance(said, dict):
        raise Refused(
            422, "Some fields are not valid.", errors=[FieldError("body", "must be an object")]
        )


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _named_once(fields: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a field that is said twice: who reads the first takes it for something else than we."""
    if len(said := dict(fields)) < len(fields):
        raise ValueError("a field stands twice")
    return said
