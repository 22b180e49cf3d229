"""One installation made of plain processes, each a command of docker-compose.yml."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from coach.runtime.wheels import valkey_program

PATIENCE = 240.0  # on a machine that is busy with ten other things
ENDS_WITHIN = 30.0  # the least that docker-compose.yml gives


def wait_until(happens: Callable[[], bool], within: float = PATIENCE, what: str = "it") -> None:
    give_up = time.monotonic() + within
    while not happens():
        assert time.monotonic() < give_up, f"{what} did not happen within {within:.0f} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Program:
    """A running command and what it said so far."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def end(self) -> int:
        """Ask it to end, as docker does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(ENDS_WITHIN)

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Stage:
    """The environment of an installation, and the programs that run in it."""

    home: Path
    environment: Mapping[str, str]
    programs: list[Program] = field(default_factory=list)
    kept: dict[str, Program] = field(default_factory=dict)

    def keep(self, *words: str) -> None:
        """Start a command unless it runs already."""
        program = self.kept.get(words[0])
        if program is None or program.process.poll() is not None:
            self.kept[words[0]] = self.start(*words)

    def start(self, *words: str, **differing: str) -> Program:
        """Start `coach …` as a plain child process."""
        log = self.home / f"{len(self.programs)}-{words[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # the words are our own
                [sys.executable, "-m", "coach", *words],
                env={**self.environment, **differing},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.programs.append(Program(process, log))
        return self.programs[-1]

    def run(self, *words: str, **differing: str) -> tuple[int, str]:
        """Run `coach …` to its end; its exit code and all it said."""
        program = self.start(*words, **differing)
        return program.wait(), program.said

    def close(self) -> None:
        """End everything that still runs; nobody waits for another to end first."""
        alive = [program for program in self.programs if program.process.poll() is None]
        for program in alive:
            program.process.terminate()
        for program in alive:
            with suppress(subprocess.TimeoutExpired):
                program.process.wait(ENDS_WITHIN)
            program.kill()

    def worker_pids(self, queue: str) -> set[int]:
        """Find the worker process of a queue of this home, and its work horse while it has one."""
        ours = os.fsencode(f"COACH_HOME={self.home}")
        found = set()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if not entry.name.isdigit() or ours not in (entry / "environ").read_bytes():
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[1:5] == [b"-m", b"coach", b"worker", queue.encode()]:
                    found.add(int(entry.name))
        return found

    def kill_workers(self, queue: str) -> set[int]:
        """`kill -9` a queue's worker and its work horse; who was killed."""
        pids = self.worker_pids(queue)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return pids

    def kill_work_horse(self, queue: str) -> None:
        """`kill -9` the work horse of a queue's worker, as the system does when memory ends."""
        pids = self.worker_pids(queue)
        (horse,) = (pid for pid in pids if _parent_of(pid) in pids)
        os.kill(horse, signal.SIGKILL)


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class ForgetfulValkey:
    """A queue server that keeps nothing on disk, as Debian's does between two snapshots."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.binary = Redis.from_url(self.url)  # as RQ wants it
        self.redis = Redis.from_url(self.url, decode_responses=True)
        self.start()

    def start(self) -> None:
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--daemonize",
            "no",
        ]
        self._process = subprocess.Popen(  # noqa: S603  # the words are our own
            [str(valkey_program()), *options], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, what="the start of Valkey")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it in its tracks: its port still takes connections, and nothing answers."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.binary.close()
        self.redis.close()
        self.kill()

    def _answers(self) -> bool:
        with suppress(RedisError):
            return bool(self.redis.ping())
        return False
