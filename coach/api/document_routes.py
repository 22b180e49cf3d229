"""The document for programs, and the same as a page for people."""

import json
from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from coach.api.document import as_text, document
from coach.api.document_words import kind, shape_of
from coach.api.examples import Tree, example
from coach.api.operations import JSON
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
    call: str
    sent: str
    answered: str


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
        kind=kind,
        shape_of=shape_of,
    )


def _by_tag(said: Tree) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for path, methods in sorted(said["paths"].items()):
        for method, told in methods.items():
            shown = _told(method, path, told)
            found.setdefault(told["tags"][0], []).append(shown)
    return found


def _told(method: str, path: str, told: Tree) -> Told:
    done = next(each for code, each in told["responses"].items() if code.startswith("2"))
    return Told(
        method.upper(),
        path,
        told,
        _body(told),
        _answer(told),
        _call(method.upper(), path, told),
        _example(told.get("requestBody", {})),
        _example(done),
    )


def _call(method: str, path: str, told: Tree) -> str:
    """Write the call for a shell; `$COACH` is this installation's address."""
    for parameter in (each for each in told["parameters"] if each["in"] == "path"):
        known = parameter.get("example") or example(parameter["schema"], {})
        path = path.replace(f"{{{parameter['name']}}}", str(known))
    words = ["curl" if method == "GET" else f"curl -X {method}"]
    words += ['-H "Authorization: Bearer $TOKEN"'] if told["security"] else []
    content = told.get("requestBody", {}).get("content", {})
    if JSON in content:
        body = json.dumps(content[JSON]["example"])
        words += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    elif content:
        words += ["-F file=@export.zip"]
    return " \\\n  ".join([*words, f'"$COACH{path}"'])


def _example(said: Tree) -> str:
    """Write the example of a body or an answer; nothing where there is none."""
    content = said.get("content", {}).get(JSON)
    return json.dumps(content["example"], indent=2, ensure_ascii=False) if content else ""


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
