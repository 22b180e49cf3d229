"""The embedded Valkey: starts it with a password and an append-only file, says how to reach it."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from coach.runtime.children import NONE, Order, Process
from coach.runtime.errors import CannotStart
from coach.runtime.folders import private_folder, socket_folder
from coach.runtime.keys import secret, write_private
from coach.runtime.logs import last_lines, open_log
from coach.runtime.wheels import valkey_program

START_SECONDS = 60
ANSWER_SECONDS = 2
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
SETTINGS = {
    "port": "0",  # it listens on its socket only
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    # By the second, a busy disk may hold back writes that were acknowledged.
    "appendfsync": "always",
    "save": "",
}


@contextmanager
def running_valkey(home: Path, *, held: int = NONE) -> Iterator[str]:
    """Run the home's Valkey and give its URL; `held` stays open until it has ended."""
    data, log = private_folder(home / "valkey", None), home / "valkey.log"
    socket = socket_folder(data / "run", home / "valkey-sockets", None) / "valkey.sock"
    password = secret(home, "valkey")
    places = {"dir": str(data), "unixsocket": str(socket), "requirepass": password}
    write_private(data / "valkey.conf", _as_text(SETTINGS | places))
    url = f"unix://:{password}@{quote(str(socket), safe='/')}"
    order = Order([str(valkey_program()), str(data / "valkey.conf")], ENVIRONMENT, cwd=data)
    with open_log(log) as output:
        server = Process.start(order, output=output, held=held)
    try:
        _wait_until_ready(server, url, log)
        yield url
    finally:
        server.stop()


def answers(url: str) -> bool:
    """Tell whether the server of one of our URLs is up and has loaded its data."""
    client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=ANSWER_SECONDS)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):  # also while it loads
        return False
    finally:
        client.close()


def _as_text(settings: Mapping[str, str]) -> str:
    quoted = {
        name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in settings.items()
    }
    return "".join(f'{name} "{value}"\n' for name, value in quoted.items())


def _wait_until_ready(server: Process, url: str, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while server.ended is not None or not answers(url):
        if server.ended is not None or time.monotonic() > give_up:
            raise CannotStart(f"Valkey did not start; the end of {log}:\n{last_lines(log)}")
        time.sleep(0.02)
