# ruff: noqa: N999  # named after `make bench NAME=import`
"""Five years of an export through the page and the worker: seconds, memory, and who waits meanwhile.

Beside it: parsing alone against plain readers of the same files, the client's pages while imports
run against the same pages without, and ten uploads of two organisations at once.
"""

import json
import os
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from flask import Flask
from redis import Redis
from rq import Worker
from sqlalchemy import func, select

from benchmarks.installation import application, installation, wait_for
from benchmarks.open_loop import Answered, Request, percentile, run
from benchmarks.parsing import compare
from benchmarks.uploading import Client, email_of, life, make_organisation, zipped
from coach.csv_import.models import ImportRow
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.work.dispatch import rq_queue
from coach.work.models import Queue, Work
from tests.factories.exports import years
from tests.processes.stage import Program, Stage, wait_until

CLIENTS = 8  # of each of two organisations
RUNS = 3
LIVES = 7  # that are read by all readers of CSV
AT_ONCE = 5  # of each organisation
PAGES_PER_SECOND = 8
PAGES_SECONDS = 20
LIVES_MEANWHILE = 10
PATIENCE = 180.0
DONE = re.compile(r"kind=(?:csv_import|csv_import_apply)\b.*?\bms=([\d.]+)|ms=([\d.]+).*?kind=csv_")


@dataclass
class Memory:
    """The most that a worker and its work horse ever had in memory, looked at all the time."""

    stage: Stage
    base_mb: float = 0.0
    peak_mb: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.base_mb = max(_status_mb(pid, "VmRSS") for pid in self.stage.worker_pids("import"))
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            highest = (_status_mb(pid, "VmHWM") for pid in self.stage.worker_pids("import"))
            self.peak_mb = max(self.peak_mb, *highest, 0.0)


def main() -> None:
    """Measure parsing, single imports, pages meanwhile, and ten at once; print the figures."""
    with installation() as stage:
        app = application(stage)
        with app.app_context():
            ids = [make_organisation(number, CLIENTS) for number in range(2)]
        base_url = stage.environment["BASE_URL"]
        for words in (["web"], ["scheduler"]):
            stage.start(*words)
        wait_for(f"{base_url}/readyz")
        clients = [
            [Client(email_of(which, number), ids[which], base_url) for number in range(CLIENTS)]
            for which in range(2)
        ]
        figures = _parsing(stage) | _alone(stage, app, clients[0][: RUNS + 1])
        figures |= _pages_meanwhile(stage, app, clients[0][RUNS + 1 :], clients[1][AT_ONCE:])
        figures |= _at_once(stage, app, clients)
    print(json.dumps(figures))


def _parsing(stage: Stage) -> dict[str, object]:
    lives = []
    for seed in range(1, 1 + LIVES):
        files = years.export(seed=seed)
        archive = stage.home / f"five_years_{seed}.zip"
        archive.write_bytes(zipped(files))
        lives.append((archive, files))
    return compare(lives)


def _alone(stage: Stage, app: Flask, clients: list[Client]) -> dict[str, object]:
    """Import five years for one client after the other; the first warms everything up."""
    worker, memory = _worker(stage), Memory(stage)
    whole, reading, applying, worked = [], [], [], [_processor_s(worker)]
    with memory.watched():
        for number, client in enumerate(clients):
            archive = life(100 + number)
            began, before = time.perf_counter(), len(_seconds_of(worker))
            _import(client, app, archive)
            whole.append(time.perf_counter() - began)
            wait_until(lambda n=before: len(_seconds_of(worker)) == n + 2)  # type: ignore[misc]
            read, applied = _seconds_of(worker)[before:]
            reading.append(read)
            applying.append(applied)
            worked.append(_processor_s(worker))
    worker.end()
    processor = [after - before for before, after in pairwise(worked)]
    measured = (reading, applying, whole, processor)
    middle = [round(statistics.median(runs[1:]), 2) for runs in measured]
    rows = _rows_of(app, clients[-1])
    return {
        "rows": rows,
        "seconds": round(middle[0] + middle[1], 2),
        "reading_s": middle[0],
        "applying_s": middle[1],
        "end_to_end_s": middle[2],
        "worker_processor_s": middle[3],
        "rows_per_s_end_to_end": round(rows / middle[2]),
        "rss_mb_over_base": round(memory.peak_mb - memory.base_mb, 1),
        "rss_mb_base": round(memory.base_mb, 1),
    }


def _pages_meanwhile(
    stage: Stage, app: Flask, importers: list[Client], readers: list[Client]
) -> dict[str, object]:
    """Ask for a client's pages on a fixed plan without imports, and while they run."""
    worker = _worker(stage)
    _pages(stage, readers[0], seconds=5)
    without = _pages(stage, readers[0], seconds=PAGES_SECONDS)
    ended = threading.Event()
    count: list[int] = []
    # Made before, or making them would be measured: it shares this process with who asks for pages.
    lives = [life(200 + number) for number in range(LIVES_MEANWHILE)]

    def keep_importing() -> None:
        while not ended.is_set() and len(count) < len(lives):
            _import(importers[len(count) % len(importers)], app, lives[len(count)])
            count.append(1)

    busy = threading.Thread(target=keep_importing)
    busy.start()
    meanwhile = _pages(stage, readers[0], seconds=PAGES_SECONDS)
    ended.set()
    busy.join()
    worker.end()
    figures: dict[str, object] = {"imports_meanwhile": len(count)}
    for name, answers in (("without", without), ("meanwhile", meanwhile)):
        statuses = Counter(each.status for each in answers)
        assert set(statuses) == {200}, (name, statuses)
        for percent in (50, 95):
            figures[f"page_p{percent}_ms_{name}"] = percentile(answers, percent)
    figures["page_p95_ratio"] = round(percentile(meanwhile, 95) / percentile(without, 95), 2)
    return figures


def _at_once(stage: Stage, app: Flask, clients: list[list[Client]]) -> dict[str, object]:
    """Upload five files of one organisation, then five of another, and only then let a worker."""
    waiting = [client for some in clients for client in some[:AT_ONCE]]
    for number, client in enumerate(waiting):
        client.send(life(300 + number))
    began = time.perf_counter()
    worker, memory = _worker(stage), Memory(stage)
    with memory.watched():
        _wait_for_all(waiting, app, "preview")
        imports = [client.import_id for client in waiting]
        wait_until(lambda: len(_order(app, imports)) == len(imports), what="the end of the reading")
        order = _order(app, imports)
        for client in waiting:
            client.apply_export(client.page)
        _wait_for_all(waiting, app, "done")
    seconds = time.perf_counter() - began
    worker.end()
    leads = [abs(2 * order[:place].count(order[0]) - place) for place in range(1, len(order) + 1)]
    return {
        "ten_at_once_s": round(seconds, 1),
        "ten_at_once_done": len(order),
        "ten_at_once_longest_lead": max(leads),
        "ten_at_once_rss_mb_over_base": round(memory.peak_mb - memory.base_mb, 1),
    }


def _worker(stage: Stage) -> Program:
    """Start the import worker, which writes down how long each piece of work took."""
    program = stage.start("worker", "import", LOG_LEVEL="INFO")
    queue = rq_queue(Redis.from_url(stage.environment["REDIS_URL"]), Queue.IMPORT)
    wait_until(lambda: Worker.count(queue=queue) == 1, what="the start of the worker")
    time.sleep(1)  # until it is idle, for its base
    return program


def _import(client: Client, app: Flask, archive: bytes) -> None:
    client.send(archive)
    _wait_for_all([client], app, "preview")
    client.apply_export(client.page)
    _wait_for_all([client], app, "done")


def _wait_for_all(clients: list[Client], app: Flask, state: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while {client.state(app) for client in clients} != {state}:
        assert time.monotonic() < give_up, f"not all imports became {state}"
        time.sleep(0.05)


def _pages(stage: Stage, client: Client, *, seconds: float) -> list[Answered]:
    pages = ("/cabinet", "/cabinet/days", "/cabinet/imports")
    headers = {"Cookie": client.cookie, "Connection": "close"}  # as none is kept for seconds

    def make(number: int) -> Request:
        return Request("GET", pages[number % len(pages)], headers=headers)

    port = int(stage.environment["PORT"])
    return run(port, per_second=PAGES_PER_SECOND, seconds=seconds, make=make)


def _order(app: Flask, imports: list[UUID]) -> list[UUID | None]:
    """Give the organisations of these imports in the order in which they were read."""
    with app.app_context():
        done = select(Work.organisation_id).where(
            Work.subject_id.in_(imports), Work.kind == "csv_import", Work.finished_at.is_not(None)
        )
        return list(db.session.scalars(done.order_by(Work.finished_at)))


def _rows_of(app: Flask, client: Client) -> int:
    with app.app_context(), acting_for(client.organisation_id):
        mine = (
            ImportRow.organisation_id == client.organisation_id,
            ImportRow.import_id == client.import_id,
        )
        return db.session.execute(select(func.count()).where(*mine)).scalar_one()


def _seconds_of(worker: Program) -> list[float]:
    """Read how long each piece of work took, from the lines the worker writes."""
    lines = (re.sub(r"\x1b\[[\d;]*m", "", line) for line in worker.said.splitlines())
    found = (DONE.search(line) for line in lines if "outcome=done" in line)
    return [float(each[1] or each[2]) / 1000 for each in found if each]


def _processor_s(worker: Program) -> float:
    """Say how long processors worked for a worker and the work horses it has seen end."""
    spent = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _status_mb(pid: int, name: str) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
