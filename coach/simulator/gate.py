"""The gate before the simulated WHOOP: every call passes it, meets its fault, and is written down."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from coach.simulator.effects import Exchange, take_effect
from coach.simulator.families import Grant
from coach.simulator.faults import Asked, Fault
from coach.simulator.journal import Call
from coach.simulator.world import World

TOKENS = "/oauth/oauth2/token"
CONTROLS = "/_simulator/"
LONGEST_FORM = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is, as far as its token or its form says."""

    app: str | None = None
    member: int | None = None
    token: str | None = None


class Gate:
    """A WSGI application around another one."""

    def __init__(self, world: World, inner: WSGIApplication) -> None:
        self._world, self._inner = world, inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(CONTROLS):
            return self._inner(environ, start_response)
        caller, now = self._caller(environ), self._world.clock()
        asked = Asked(
            now, environ["REQUEST_METHOD"], environ["PATH_INFO"], caller.app, caller.member
        )
        fault = self._world.faults.choose(asked)
        write = partial(self._write, asked, caller, environ.get("QUERY_STRING", ""), fault)
        try:
            answer = self._answer(environ, caller, fault)
        except ConnectionError:
            write(0)
            raise
        write(answer.status_code)
        return answer(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, caller: Caller, fault: Fault | None) -> Response:
        if fault is None:
            return Response.from_app(self._inner, environ, buffered=True)
        exchange = Exchange(
            answer=partial(self._ask, environ),
            query=environ.get("QUERY_STRING", ""),
            wait=self._world.wait,
            revoke=partial(self._revoke, caller),
            connection=environ.get("werkzeug.socket"),
        )
        return take_effect(fault.effect, exchange)

    def _ask(self, environ: WSGIEnvironment, query: str | None) -> Response:
        if query is not None:
            environ["QUERY_STRING"] = query
        return Response.from_app(self._inner, environ, buffered=True)

    def _revoke(self, caller: Caller) -> None:
        if caller.member is not None:
            self._world.grants.revoke_user(caller.member, caller.app)

    def _caller(self, environ: WSGIEnvironment) -> Caller:
        kind, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() == "bearer":
            return _owner(self._world.grants.owner(access=bearer), bearer)
        if environ["PATH_INFO"] == TOKENS:
            form = _form(environ)
            token = form.get("refresh_token", [""])[0]
            known = _owner(self._world.grants.owner(refresh=token), token)
            return replace(known, app=form.get("client_id", [None])[0])
        return Caller()

    def _write(
        self, asked: Asked, caller: Caller, query: str, fault: Fault | None, status: int
    ) -> None:
        self._world.journal.write(
            Call(
                at=asked.at,
                method=asked.method,
                path=asked.path,
                query=query,
                status=status,
                app=caller.app,
                member=caller.member,
                token=caller.token,
                fault=fault.name if fault else None,
            )
        )


def _owner(grant: Grant | None, token: str) -> Caller:
    shown = sha256(token.encode()).hexdigest()[:12] if token else None
    return Caller(grant.client_id, grant.user_id, shown) if grant else Caller(token=shown)


def _form(environ: WSGIEnvironment) -> dict[str, list[str]]:
    """Read the form, and put it back for who reads it next."""
    length = environ.get("CONTENT_LENGTH") or "0"
    body = environ["wsgi.input"].read(min(int(length), LONGEST_FORM)) if length.isdigit() else b""
    environ["wsgi.input"] = BytesIO(body)
    return parse_qs(body.decode(errors="replace"))
