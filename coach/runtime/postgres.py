"""The embedded PostgreSQL: starts it, makes our roles and database, says how to reach it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

from psycopg.pq import PGconn, Ping

from coach.runtime.children import NONE, Order, Process
from coach.runtime.cluster import ENVIRONMENT, forget_dead_postmaster, ready_cluster
from coach.runtime.errors import CannotStart
from coach.runtime.folders import Place, postgres_place, socket_folder
from coach.runtime.keys import secret
from coach.runtime.logs import last_lines, open_log
from coach.runtime.roles import APP, DATABASE, MIGRATION, bootstrap
from coach.runtime.wheels import postgres_programs

SUPERUSER = "postgres"
PORT = "5432"  # only part of the socket's name: the server listens on no network address
START_SECONDS = 60
OLD_SERVER_RUNS = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # details quote rows, and rows are about people
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """How the application and its migrations reach the database, for SQLAlchemy."""

    app: str
    migration: str


@contextmanager
def running_postgres(home: Path, *, held: int = NONE) -> Iterator[DatabaseUrls]:
    """Run the home's PostgreSQL; `held` stays open until the last of its processes has ended."""
    place, log = postgres_place(home), home / "postgres.log"
    sockets = socket_folder(place.folder / "run", home / "postgres-sockets", place.account)
    order = _prepare(home, place, sockets, log)
    superuser = _url(home, SUPERUSER, "postgres", sockets)
    server = _start(order, superuser, log, held)
    try:
        app, migration = _password(home, APP), _password(home, MIGRATION)
        bootstrap(for_libpq(superuser), {APP: app, MIGRATION: migration})
        yield DatabaseUrls(
            app=_url(home, APP, DATABASE, sockets),
            migration=_url(home, MIGRATION, DATABASE, sockets),
        )
    finally:
        server.stop()


def accepts_connections(url: str) -> bool:
    """Tell whether the server of one of our URLs is up and takes connections."""
    return Ping(PGconn.ping(for_libpq(url).encode())) is Ping.OK


def for_libpq(url: str) -> str:
    """Leave out what only SQLAlchemy understands."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def _prepare(home: Path, place: Place, sockets: Path, log: Path) -> Order:
    programs = postgres_programs(place)
    data = ready_cluster(place, programs, _password(home, SUPERUSER), log)
    forget_dead_postmaster(data, sockets)
    argv = [str(programs / "postgres"), "-D", str(data)]
    for name, value in (SETTINGS | {"unix_socket_directories": str(sockets)}).items():
        argv += ["-c", f"{name}={value}"]
    return Order(argv, ENVIRONMENT, place.folder, place.account, stop_with=SIGINT)


def _start(order: Order, url: str, log: Path, held: int) -> Process:
    """Start and wait; start again while a server whose leash was killed is still on its way out."""
    give_up = time.monotonic() + START_SECONDS
    server = _launch(order, log, held)
    while server.ended is not None or not accepts_connections(url):
        if time.monotonic() > give_up or (server.ended is not None and not _old_one_runs(log)):
            server.stop()
            raise CannotStart(f"PostgreSQL did not start; the end of {log}:\n{last_lines(log)}")
        if server.ended is not None:
            server.stop()
            server = _launch(order, log, held)
        time.sleep(0.02)
    return server


def _launch(order: Order, log: Path, held: int) -> Process:
    with open_log(log) as output:
        return Process.start(order, output=output, held=held)


def _old_one_runs(log: Path) -> bool:
    return any(sign in last_lines(log) for sign in OLD_SERVER_RUNS)


def _url(home: Path, role: str, database: str, sockets: Path) -> str:
    host = quote(str(sockets), safe="/")
    return (
        f"postgresql+psycopg://{role}:{_password(home, role)}@/{database}?host={host}&port={PORT}"
    )


def _password(home: Path, role: str) -> str:
    return secret(home, f"database-{role.replace('_', '-')}")
