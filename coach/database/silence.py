"""Gives up a connection whose server takes a statement and then stands still, as a frozen one does.

TCP notices a host that has vanished, but the system of a frozen server goes on answering for it. So
a thread looks after all waits of a process: one that lasts is left alone as long as the server
still answers others, however long its statement takes. Else its socket is closed under it, and
whoever waits gets the same error as from a server that has died.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from functools import cache
from typing import TypeVar
from weakref import WeakSet

import psycopg
import structlog
from psycopg.abc import PQGen
from psycopg.pq import PGconn, Ping
from psycopg.rows import TupleRow
from sqlalchemy import Engine, event

log = structlog.get_logger()
RV = TypeVar("RV")

PATIENCE_SECONDS = 20.0
LOOK_EVERY_SECONDS = 5.0
ANSWERS = {Ping.OK, Ping.REJECT}
_PING = "hostaddr='{}' port='{}' connect_timeout=5"
_SOCKET_PING = "host='{}' port='{}' connect_timeout=5"


class Watched(psycopg.Connection[TupleRow]):
    """A connection that says since when it has waited for its server."""

    waits_since: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        self.waits_since = time.monotonic()
        try:
            return super().wait(gen, interval, timeout)
        finally:
            self.waits_since = None


def give_up_the_silent(engine: Engine) -> None:
    """Let the connections of an engine be looked after."""

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: object, _entry: object, words: list[str], named: dict[str, str]
    ) -> Watched:
        connection = Watched.connect(*words, **named)  # type: ignore[arg-type]  # libpq's own
        watch_of(os.getpid()).add(connection)
        return connection


class _Watch:
    """The connections of a process, and the thread that looks after them."""

    def __init__(self) -> None:
        self._open: WeakSet[Watched] = WeakSet()
        self._lock = threading.Lock()
        threading.Thread(target=self._look_forever, name="silence", daemon=True).start()

    def add(self, connection: Watched) -> None:
        with self._lock:
            self._open.add(connection)

    def _look_forever(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            with self._lock:
                waiting = [each for each in self._open if _waits_long(each)]
            for connection in waiting:
                with suppress(psycopg.Error, OSError):  # it has ended by itself meanwhile
                    _look_after(connection)


@cache
def watch_of(_pid: int) -> _Watch:
    """Make the watch of this process; a fork has none of its parent's threads."""
    return _Watch()


def _waits_long(connection: Watched) -> bool:
    since = connection.waits_since
    return since is not None and time.monotonic() - since > PATIENCE_SECONDS


def _look_after(connection: Watched) -> None:
    if not answers(connection) and _waits_long(connection):
        log.warning("database_silent", seconds=PATIENCE_SECONDS)
        _cut(connection)


def answers(connection: Watched) -> bool:
    """Tell whether the server of a connection still answers anybody."""
    pgconn = connection.pgconn
    form, host = (_PING, pgconn.hostaddr) if pgconn.hostaddr else (_SOCKET_PING, pgconn.host)
    return PGconn.ping(form.format(host.decode(), pgconn.port.decode()).encode()) in ANSWERS


def _cut(connection: Watched) -> None:
    """Close the socket for whoever waits on it, and leave the rest to them."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
