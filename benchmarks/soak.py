"""Does anything grow? Every process under an even load for some time, its memory looked at steadily.

`MINUTES=20 make bench NAME=soak`. Web, scheduler, five workers, a simulated WHOOP, PostgreSQL and
Valkey; announcements, pages and the syncs that follow. The first quarter is warm-up; of the rest a
straight line is drawn for each program, with the interval in which its slope lies (95 %). Counted
apart: open files, connections to the database, temporary files, answers that were errors.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.counting import postgres_of, with_children
from benchmarks.crowd import NO_LIMIT
from benchmarks.installation import application, installation, wait_for
from benchmarks.open_loop import Answered, Request, percentile, run
from benchmarks.sending import announcement, coach_of_everybody, signed_in
from benchmarks.straight import Slope, slope
from benchmarks.true_time import Whoop, linked
from coach.extensions import db
from coach.simulator.crowd import FIRST_ID
from coach.work.models import Queue
from tests.processes.stage import Program, Stage

MINUTES = float(os.environ.get("MINUTES", "20"))
CLIENTS = int(os.environ.get("CLIENTS", "40"))
ANNOUNCED, OPENED = int(os.environ.get("ANNOUNCED", "4")), int(os.environ.get("OPENED", "2"))
LOOK_EVERY = 10.0
WARM_UP = 0.25
MEGABYTE = 1024 * 1024


@dataclass
class Watch:
    """What each program held at each look: minutes since the start, and megabytes."""

    stage: Stage
    programs: Mapping[str, Callable[[], list[int]]]
    minutes: list[float] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    temporary: list[int] = field(default_factory=list)

    def until(self, ended: threading.Event) -> None:
        """Look every few seconds until told to end."""
        began = time.monotonic()
        while not ended.wait(LOOK_EVERY):
            self.minutes.append((time.monotonic() - began) / 60)
            self._look()

    def _look(self) -> None:
        alive = {name: pids() for name, pids in self.programs.items()}
        for name, pids in alive.items():
            self.memory.setdefault(name, []).append(sum(map(_memory, pids)) / MEGABYTE)
        ours = [pid for name, pids in alive.items() if name != "postgres" for pid in pids]
        self.files.append(sum(map(_open_files, ours)))
        self.connections.append(self._connections())
        self.temporary.append(sum(1 for each in self.stage.home.rglob("*") if each.is_file()))

    def _connections(self) -> int:
        owner = self.stage.environment["MIGRATION_DATABASE_URL"]
        with create_engine(owner, poolclass=NullPool).connect() as connection:
            ours = text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'coach_app'")
            return int(connection.scalar(ours) or 0)

    def slopes(self) -> dict[str, Slope]:
        """Draw the line of each program, the warm-up left out."""
        first = int(len(self.minutes) * WARM_UP)
        return {
            name: slope(self.minutes[first:], held[first:]) for name, held in self.memory.items()
        }


def main() -> None:
    """Start everything, load it, look at it."""
    with installation(WHOOP_BACKFILL_DAYS="0") as stage:
        whoop = Whoop(stage, CLIENTS)
        app = application(stage)
        with app.app_context():
            linked(whoop, CLIENTS)
            email = coach_of_everybody()
            db.engine.dispose()
        whoop.limit(NO_LIMIT, NO_LIMIT)
        watch = Watch(stage, _started(stage))
        port = int(stage.environment["PORT"])
        answers = _loaded(watch, port, signed_in(port, email))
    print(json.dumps(_figures(watch, answers)))


def _started(stage: Stage) -> dict[str, Callable[[], list[int]]]:
    programs: dict[str, Program] = {
        "web": stage.start("web"),
        "scheduler": stage.start("scheduler"),
    }
    for queue in Queue:
        programs[f"worker {queue}"] = stage.start("worker", queue.value)
    ready = f"{stage.environment['BASE_URL']}/readyz"
    wait_for(ready)
    found: dict[str, Callable[[], list[int]]] = {"postgres": lambda: list(postgres_of(stage.home))}
    for name, program in programs.items():
        pid = program.process.pid
        # A work horse lives for seconds: it is no growth of its worker.
        found[name] = (
            (lambda pid=pid: list(with_children([pid])))
            if name == "web"
            else (lambda pid=pid: [pid])
        )
    return found


def _loaded(watch: Watch, port: int, cookie: str) -> list[Answered]:
    ended = threading.Event()
    looking = threading.Thread(target=watch.until, args=(ended,))
    looking.start()
    try:
        return run(
            port,
            per_second=ANNOUNCED + OPENED,
            seconds=MINUTES * 60,
            make=lambda number: _request(number, cookie),
        )
    finally:
        ended.set()
        looking.join()


def _request(number: int, cookie: str) -> Request:
    if number % (ANNOUNCED + OPENED) < ANNOUNCED:
        return announcement(number, first=FIRST_ID, members=CLIENTS)
    return Request("GET", "/dashboard", headers={"Cookie": cookie})


def _figures(watch: Watch, answers: list[Answered]) -> dict[str, object]:
    figures: dict[str, object] = {
        "minutes": MINUTES,
        "looks": len(watch.minutes),
        "requests": len(answers),
        "errors": sum(each.status not in {200, 204} for each in answers),
        "statuses": dict(Counter(each.status for each in answers)),
        "p50_ms": percentile(answers, 50),
        "p99_ms": percentile(answers, 99),
        **_flat("open_files", watch.files),
        **_flat("connections", watch.connections),
        **_flat("files_in_home", watch.temporary),
    }
    for name, found in watch.slopes().items():
        figures[f"{name}_mb"] = round(found.level, 1)
        figures[f"{name}_mb_per_10_min"] = round(found.by * 10, 2)
        figures[f"{name}_interval"] = [round(found.least * 10, 2), round(found.most * 10, 2)]
    return figures


def _flat(name: str, counted: list[int]) -> dict[str, int]:
    """Compare the last look with the one that ends the warm-up."""
    first = counted[int(len(counted) * WARM_UP)]
    return {f"{name}_after_warm_up": first, f"{name}_at_the_end": counted[-1]}


def _memory(pid: int) -> float:
    """Read the proportional set: what is shared counts by its share; 0 when it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        print(f"{pid} has ended", file=sys.stderr)
    return 0.0


def _open_files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


if __name__ == "__main__":
    main()
