"""The document for programs, and the same as a page for people."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from coach.api.document import Tree, as_text, document
from coach.api.scopes import MEANS
from coach.web.problems import DETAILS

bp = Blueprint("api_docs", __name__, url_prefix="/api", template_folder="templates")


@dataclass(frozen=True, slots=True)
class Told:
    """One operation, ready to be shown."""

    method: str
    path: str
    told: Tree
    body: str
    answer: str


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    response = Response(as_text(), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@bp.get("/docs")
def docs() -> ResponseReturnValue:
    said = document()
    return render_template(
        "api/docs.html",
        info=said["info"],
        groups=_by_tag(said),
        shapes=said["components"]["schemas"],
        scopes=MEANS,
        problems=DETAILS,
    )


def _by_tag(said: Tree) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for path, methods in sorted(said["paths"].items()):
        for method, told in methods.items():
            shown = Told(method.upper(), path, told, _body(told), _answer(told))
            found.setdefault(told["tags"][0], []).append(shown)
    return found


def _body(told: Tree) -> str:
    content = told.get("requestBody", {}).get("content", {})
    return next((_shape(each) for each in content.values()), "")


def _answer(told: Tree) -> str:
    """Name the shape of the answer that is no refusal."""
    for status, answer in told["responses"].items():
        if status.startswith("2"):
            return next((_shape(each) for each in answer.get("content", {}).values()), "")
    return ""


def _shape(content: Tree) -> str:
    return str(content["schema"].get("$ref", "")).rpartition("/")[2]
