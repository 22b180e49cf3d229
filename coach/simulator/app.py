"""The simulated WHOOP as a Flask app of its own, and the server it runs on."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from coach.simulator import api, backdoor, oauth, token
from coach.simulator.grants import Grants
from coach.simulator.journal import Call
from coach.simulator.limits import RateLimit
from coach.simulator.members import cast
from coach.simulator.options import DEFAULTS, Options
from coach.simulator.state import load, saver
from coach.simulator.visits import Visits
from coach.simulator.world import Registration, World, world


class NotInProduction(RuntimeError):
    """The simulator hands out made-up lives to anybody who asks; real people must never meet it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_simulator(  # noqa: PLR0913  all by name, and each is a fact of its own
    *,
    client_id: str,
    client_secret: str,
    redirect_uris: Collection[str],
    environment: str,
    seed: int = 1,
    clock: Callable[[], datetime] = utc_now,
    options: Options = DEFAULTS,
) -> Flask:
    """Build a simulated WHOOP where one app is registered."""
    if environment == "production":
        raise NotInProduction(
            "The simulated WHOOP does not start with ENVIRONMENT=production. "
            "Set ENVIRONMENT=development, or point the app at the real WHOOP."
        )
    registration = Registration(client_id, client_secret, frozenset(redirect_uris))
    app = Flask(__name__)
    app.extensions["simulator"] = _world(registration, seed, clock, options)
    app.extensions["journal"] = app.extensions["simulator"].journal
    for feature in (oauth, token, api, backdoor):
        app.register_blueprint(feature.routes)
    app.after_request(_write_down)
    app.after_request(_with_safe_headers(redirect_uris))
    return app


class _Quiet(WSGIRequestHandler):
    """Writes no access log: the journal has it all."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def server(app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """Bind a threaded server; the caller runs `serve_forever` and `shutdown`."""
    return make_server(host, port, app, threaded=True, request_handler=_Quiet)


def run(app: Flask, *, host: str, port: int) -> None:
    """Serve until the process is told to end."""
    server(app, host=host, port=port).serve_forever()


def _world(
    registration: Registration, seed: int, clock: Callable[[], datetime], options: Options
) -> World:
    kept = load(options.state_file, today=options.today or clock().date())
    save = saver(options.state_file, today=kept.today)
    save(list(kept.grants))  # so that the first start fixes the day, even before the first grant
    families = {grant.family: grant for grant in kept.grants}
    grants = Grants(clock, options.reuse_revokes_family, save, families)
    return World(
        registration=registration,
        members=cast(seed=seed, today=kept.today),
        clock=clock,
        options=options,
        grants=grants,
        visits=Visits(clock),
        limit=RateLimit(options.per_minute, options.per_day),
    )


def _write_down(response: Response) -> Response:
    query = request.query_string.decode(errors="replace")
    call = Call(world().clock(), request.method, request.path, query, response.status_code)
    world().journal.append(call)
    return response


def _with_safe_headers(redirect_uris: Iterable[str]) -> Callable[[Response], Response]:
    """Allow our own style sheet, and forms whose answer leads back to the app."""
    forms = " ".join(["'self'", *sorted({_source(uri) for uri in redirect_uris})])
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {forms}"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return add


def _source(uri: str) -> str:
    parts = urlsplit(uri)
    return (
        f"{parts.scheme}://{parts.netloc}"
        if parts.scheme in {"http", "https"}
        else f"{parts.scheme}:"
    )
