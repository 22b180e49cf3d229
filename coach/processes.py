"""`coach web`, `worker`, `scheduler`, `simulator`, `migrate`: one process each."""

import gc
import os
import signal
import sys
from collections.abc import Callable

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from coach import migrating, worker
from coach.accounts.organisations import nobody_yet, open_setup
from coach.extensions import db
from coach.observability.logging import GunicornLogger
from coach.runtime.services import provide
from coach.simulator.app import NotInProduction, create_simulator
from coach.simulator.app import run as run_simulator
from coach.simulator.options import Options
from coach.work.models import Queue
from config import Settings

WEB_THREADS = 8


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn around our application, configured here and nowhere else."""

    def __init__(self, settings: Settings, make: Callable[[], Flask], workers: int) -> None:
        self._settings, self._make, self._workers = settings, make, workers
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "worker_class": "gthread",  # a thread that waits holds up nobody
            "workers": self._workers,
            "threads": WEB_THREADS,
            "timeout": 30,  # seconds in which a process has not said that its main thread lives
            "graceful_timeout": 20,  # for requests under way; systemd and compose wait for 30
            "accesslog": None,  # requests log themselves, without what their addresses hold
            "logger_class": GunicornLogger,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            # What a proxy may say of a request is told by TRUSTED_PROXIES, in coach/web/security.py;
            # gunicorn by itself would believe every program on this machine.
            "forwarder_headers": "",
            "secure_scheme_headers": {},
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = self._make()
        gc.freeze()  # what the application is made of never becomes garbage
        return app


@click.command()
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def web(workers: int) -> None:
    """Serve the pages."""
    settings = provide(Settings.from_env(os.environ))
    app = worker.ready_app(settings)
    with app.app_context():
        _offer_setup(settings)
        db.engine.dispose()  # connections must not be shared with the children
    click.echo(f"address={settings.base_url}")
    WebServer(settings, lambda: app, workers).run()


@click.command()
@click.argument("queue", type=click.Choice([each.value for each in Queue]), required=False)
def work(queue: str | None) -> None:
    """Do work of one QUEUE; without a name, run one process per queue."""
    settings = provide(Settings.from_env(os.environ))
    if queue is None:
        worker.run_all(settings)
    else:
        worker.run(settings, Queue(queue))


@click.command()
def scheduler() -> None:
    """Dispatch due work, end dead leases, and keep the schedule."""
    worker.schedule_forever(provide(Settings.from_env(os.environ)))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8001, show_default=True)
@click.option("--crowd", default=0, show_default=True, help="Members beside the named dozen.")
def simulator(host: str, port: int, crowd: int) -> None:
    """Stand in for WHOOP, with made-up members; never in production."""
    settings = Settings.from_env(os.environ)
    state = settings.coach_home.absolute() / "simulator.json"
    try:
        app = create_simulator(
            client_id=settings.whoop_client_id,
            client_secret=settings.whoop_client_secret.get_secret_value(),
            redirect_uris=[settings.callback_address],
            environment=settings.environment,
            options=Options(
                state_file=state,
                per_minute=1000,
                per_day=100_000,
                crowd=crowd,
                webhook_url=f"{settings.base_url}/webhooks/whoop",
            ),
        )
    except NotInProduction as refusal:
        raise click.ClickException(str(refusal)) from None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"address=http://{host}:{port}")
    run_simulator(app, host=host, port=port)


@click.command()
def migrate() -> None:
    """Bring the schema up to date and make the application's role."""
    migrating.upgrade(provide(Settings.from_env(os.environ)))
    click.echo("schema=current")


@click.command("check-migrations")
def check_migrations() -> None:
    """Fail when the models say something that no migration makes."""
    differences = migrating.differences(provide(Settings.from_env(os.environ)))
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        sys.exit(1)
    click.echo("migrations=in step")


def _offer_setup(settings: Settings) -> None:
    """Print the link for the first owner while nobody has an account."""
    if nobody_yet():
        token = open_setup()
        db.session.commit()
        click.echo(f"setup={settings.base_url}/setup/{token}")
    db.session.remove()


work.name = "worker"
COMMANDS = (web, work, scheduler, simulator, migrate, check_migrations)
