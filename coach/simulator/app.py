"""The simulated WHOOP as a Flask app of its own, and the server it runs on."""

from collections.abc import Callable, Collection
from datetime import datetime

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from coach.simulator import api, backdoor, controls, oauth, token
from coach.simulator.announcing import Postman
from coach.simulator.apps import Apps, Registration
from coach.simulator.clock import Clock
from coach.simulator.crowd import crowd
from coach.simulator.gate import Gate
from coach.simulator.grants import Grants
from coach.simulator.journal import Journal
from coach.simulator.members import cast
from coach.simulator.options import DEFAULTS, Options
from coach.simulator.state import load, saver
from coach.simulator.visits import Visits
from coach.simulator.world import World, world, world_of


class NotInProduction(RuntimeError):
    """The simulator hands out made-up lives to anybody who asks; real people must never meet it."""


def create_simulator(  # noqa: PLR0913  all by name, and each is a fact of its own
    *,
    client_id: str,
    client_secret: str,
    redirect_uris: Collection[str],
    environment: str,
    seed: int = 1,
    clock: Callable[[], datetime] | None = None,
    options: Options = DEFAULTS,
) -> Flask:
    """Build a simulated WHOOP where one app is registered; its world is `world_of(app)`.

    Only a `Clock` can be set later; without any, the time is the wall's. Raises NotInProduction.
    """
    if environment == "production":
        raise NotInProduction(
            "The simulated WHOOP does not start with ENVIRONMENT=production. "
            "Set ENVIRONMENT=development, or point the app at the real WHOOP."
        )
    limits, uris = (options.per_minute, options.per_day), frozenset(redirect_uris)
    first = Registration(client_id, client_secret, uris, options.webhook_url, *limits)
    here = _world(first, seed, clock or Clock(), options)
    app = Flask(__name__)
    app.extensions["simulator"], app.extensions["journal"] = here, here.journal
    for feature in (oauth, token, api, backdoor, controls):
        app.register_blueprint(feature.routes)
    app.after_request(_with_safe_headers)
    app.wsgi_app = Gate(here, app.wsgi_app)  # type: ignore[method-assign]  # as Flask advises
    return app


class _Quiet(WSGIRequestHandler):
    """Writes no access log: the journal has it all."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def server(app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """Bind a threaded server; the caller runs `serve_forever` and `shutdown`."""
    return make_server(host, port, app, threaded=True, request_handler=_Quiet)


def run(app: Flask, *, host: str, port: int) -> None:
    """Serve, and bring announcements, until the process is told to end."""
    postman = Postman(world_of(app))
    postman.start()
    try:
        server(app, host=host, port=port).serve_forever()
    finally:
        postman.stop()


def _world(
    first: Registration, seed: int, clock: Callable[[], datetime], options: Options
) -> World:
    apps, first_day = Apps(), options.today or clock().date()
    apps.register(first)
    kept = load(options.state_file, today=first_day, client_id=first.client_id)
    save = saver(options.state_file, today=kept.today)
    save(list(kept.grants))  # so that the first start fixes the day, even before the first grant
    named = cast(seed=seed, today=kept.today)
    return World(
        apps=apps,
        members=named + crowd(seed=seed, today=kept.today, size=options.crowd, mix=options.mix),
        clock=clock,
        options=options,
        grants=Grants(clock, options.reuse, save, kept.grants),
        visits=Visits(clock),
        journal=Journal(options.journal_kept),
    )


def _with_safe_headers(response: Response) -> Response:
    """Allow our own style sheet, and forms whose answer leads back to an app."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {world().apps.form_targets}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
