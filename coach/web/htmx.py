"""One view answers both the browser and htmx."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request
from jinja2_fragments.flask import render_block
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as AnyResponse


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part; restoring its history needs the whole page."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def page(template: str, fragment: str, **context: object) -> str:
    """Render the whole page, or only the block `fragment` when htmx asks for it."""
    if wants_fragment():
        return str(render_block(template, fragment, **context))
    return render_template(template, **context)


def go_to(url: str) -> AnyResponse:
    """Send the browser to another page; htmx is told by header, everybody else by 303."""
    if not wants_fragment():
        return redirect(url, 303)
    response = make_response("", 200)
    response.headers["HX-Redirect"] = iri_to_uri(url)  # a header holds Latin letters only
    return response


def own_path(target: str | None) -> str | None:
    """Accept only a path on this host: no scheme, no host, no backslash tricks."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    safe = not parts.scheme and not parts.netloc and target.isprintable() and "\\" not in target
    return target if safe else None


def unauthorized_fragment(url: str) -> Response:
    """Answer an htmx request of somebody who is not signed in any more."""
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url
    return response
