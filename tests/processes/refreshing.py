"""Processes that want a token of the same link at the same moment, or meet their fate on the way.

Run as a program it forks as RQ's worker does, and each child waits for its turn on a pipe. A fate
falls on the first child only, at one of the points between the lock and the saved tokens.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Connection, text

from coach.app import create_app
from coach.extensions import db
from coach.runtime.services import provide
from coach.whoop.errors import WhoopError
from coach.whoop.grant import keeping, tries
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.grant.vault import Held, Vault
from config import Settings
from tests.processes.stage import Stage, wait_until

ROOT = Path(__file__).parents[2]
# Where fate may strike: between the lock and the intent, between the intent and the last check,
# between the check and the call, and between WHOOP's answer and the saved tokens.
POINTS = {
    "locked": (tries, "begin", False),
    "begun": (keeping, "_still_ours", False),
    "checked": (keeping, "ask_for_tokens", False),
    "answered": (keeping, "ask_for_tokens", True),
}
SIGNALS = {"stop": signal.SIGSTOP, "kill": signal.SIGKILL}
Function: TypeAlias = Callable[..., object]


class Refreshers:
    """Some children, each of which asks for a token when told to."""

    def __init__(self, stage: Stage, whose: tuple[UUID, UUID], children: int, *fate: str) -> None:
        ids = [str(each) for each in whose]
        self._process = subprocess.Popen(  # noqa: S603  # the words are our own
            [sys.executable, "-m", __name__, *ids, str(children), *fate],
            cwd=ROOT,
            env=dict(stage.environment) | {"LOG_LEVEL": "ERROR", "METRICS_TOKEN": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pids: list[int] = json.loads(self._read())
        self.children = children

    def ask(self, *children: int) -> None:
        """Let these children ask for a token at once; all, if none is named."""
        chosen = children or tuple(range(self.children))
        assert self._process.stdin
        self._process.stdin.write(json.dumps(chosen) + "\n")
        self._process.stdin.flush()

    def answers(self, number: int) -> list[str]:
        """Give as many answers, in the order they come: a token's digest or an error's name."""
        return [self._read() for _ in range(number)]

    def round(self) -> list[str]:
        self.ask()
        return self.answers(self.children)

    def wait_until_stopped(self, child: int = 0) -> None:
        stat = Path(f"/proc/{self.pids[child]}/stat")
        wait_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", what="the stop")

    def wait_until_killed(self, child: int = 0) -> None:
        stat = Path(f"/proc/{self.pids[child]}/stat")
        wait_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z", what="the end")

    def wake(self, child: int = 0) -> None:
        os.kill(self.pids[child], signal.SIGCONT)

    def close(self) -> None:
        for pid in self.pids:  # also those that are stopped
            os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def refreshers(
    stage: Stage, whose: tuple[UUID, UUID], children: int, *fate: str
) -> Iterator[Refreshers]:
    made = Refreshers(stage, whose, children, *fate)
    try:
        yield made
    finally:
        made.close()


def _main() -> None:
    asked = _asked()
    app = create_app(provide(Settings.from_env(os.environ)))
    pipes: list[int] = []
    pids: list[int] = []
    for child in range(asked.children):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(writing)
            for each in pipes:  # else they would outlive their parent
                os.close(each)
            with app.app_context():
                _serve(reading, asked, is_first=child == 0)
        os.close(reading)
        pipes.append(writing)
        pids.append(pid)
    _say(json.dumps(pids))
    for line in sys.stdin:
        for child in json.loads(line):
            os.write(pipes[child], b"!")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("organisation", type=UUID)
    parser.add_argument("integration", type=UUID)
    parser.add_argument("children", type=int)
    parser.add_argument("--at", choices=POINTS)
    parser.add_argument("--fate", choices=SIGNALS)
    parser.add_argument("--stale", action="store_true")
    parser.add_argument("--idle", help="how long a holder of the lock may sleep")
    return parser.parse_args()


def _serve(turns: int, asked: argparse.Namespace, *, is_first: bool) -> None:
    db.engine.dispose(close=False)
    if asked.idle:
        given = text(str(keeping.LIMITS).replace("'60s'", f"'{asked.idle}'"))
        keeping.LIMITS = given
    if is_first and asked.at:
        _strike(asked.at, SIGNALS[asked.fate])
    if is_first and asked.stale and os.read(turns, 1):
        _read_stale(_keeper(asked))
        _say("read")
    while os.read(turns, 1):
        keeper = _keeper(asked)  # each job has one of its own
        try:
            _say(sha256(keeper.access_token().encode()).hexdigest()[:12])
        except WhoopError as error:
            _say(type(error).__name__)
    os._exit(0)


def _keeper(asked: argparse.Namespace) -> TokenKeeper:
    return TokenKeeper(asked.integration, asked.organisation, frozenset({"offline"}))


def _strike(point: str, sent: signal.Signals) -> None:
    """Let fate fall on this process once, at a point of its way."""
    place, name, after = POINTS[point]
    usual: Function = getattr(place, name)

    def fateful(*words: object) -> object:
        setattr(place, name, usual)
        if not after:
            os.kill(os.getpid(), sent)
        done = usual(*words)
        if after:
            os.kill(os.getpid(), sent)
        return done

    setattr(place, name, fateful)


def _read_stale(keeper: TokenKeeper) -> None:
    """Read now, and take that for the truth at the next refresh, even under the lock."""
    read, vault = Vault.read, keeper._vault  # noqa: SLF001  # this is about its inside
    with keeper._connection() as connection:  # noqa: SLF001
        stale = read(vault, connection)
    times = iter(range(2))

    def late(self: Vault, connection: Connection, *, lock: bool = False) -> Held:
        if next(times, None) is None:
            return read(self, connection, lock=lock)
        return replace(stale, now=datetime.now(UTC))

    Vault.read = late  # type: ignore[method-assign]


def _say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    _main()
