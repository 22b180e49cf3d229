"""L-08: how much longer fresh data takes while histories are read.

`SECONDS=60 CLIENTS=40 make bench NAME=lanes`. Real scheduler, sync workers and simulated WHOOP. First
the queue is empty but for the syncs that are measured; then the history of every other client waits,
each a chain of pieces of four pages: two months, for that long is everybody of the crowd a member.
A sync counts from the moment it is asked for to the moment its work is done.
"""

import json
import os
import time
from datetime import timedelta
from uuid import UUID

from sqlalchemy import extract, func, select, text, update

from benchmarks.installation import application, installation
from benchmarks.open_loop import Answered, percentile
from benchmarks.true_time import Whoop, linked
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import Integration, WhoopLink
from coach.whoop.sync import jobs
from coach.whoop.sync.history import HISTORY
from coach.work.asking import call_off
from coach.work.models import OPEN_STATES, Work
from tests.processes.stage import Stage, wait_until

SECONDS = float(os.environ.get("SECONDS", "60"))
CLIENTS = int(os.environ.get("CLIENTS", "40"))
WORKERS = int(os.environ.get("WORKERS", "2"))
FRESH, BETWEEN_SECONDS, WARM_UP = 10, 1.0, 5
# Never what is waited for: WHOOP's limits have a benchmark of their own.
NO_LIMITS = {
    "WHOOP_RATE_LIMIT_PER_MINUTE": "1000000",
    "WHOOP_RATE_LIMIT_PER_DAY": "100000000",
}
A_DAY = timedelta(days=1)


def main() -> None:
    """Link a crowd, measure fresh syncs on an empty queue, then with histories behind them."""
    with installation(**NO_LIMITS) as stage:
        whoop = Whoop(stage, CLIENTS)
        with application(stage).app_context():
            linked(whoop, CLIENTS)
            fresh = _without_history()
            _put_off(A_DAY)
            _start(stage)
            _measure(fresh, WARM_UP)
            alone = _measure(fresh, SECONDS)
            histories, before = _put_off(-A_DAY), len(whoop.calls())
            beside = _measure(fresh, SECONDS)
            figures = {"calls_beside": len(whoop.calls()) - before, "histories_left": _put_off()}
            db.engine.dispose()
    figures |= {"clients": CLIENTS, "workers": WORKERS, "histories": histories}
    print(json.dumps(figures | {"fresh": len(beside)} | _compared(alone, beside)))


def _without_history() -> list[tuple[UUID, UUID]]:
    """Choose whose syncs are measured, by organisation and link; their histories are called off."""
    some = select(WhoopLink.organisation_id, WhoopLink.integration_id).limit(FRESH)
    chosen = [(whose, link) for whose, link in db.session.execute(some)]
    call_off(HISTORY, [link for _, link in chosen])
    db.session.commit()
    db.session.remove()
    return chosen


def _put_off(by: timedelta = timedelta()) -> int:
    """Let histories that are open be due so much later; how many there are."""
    waiting = update(Work).where(Work.kind == HISTORY.name, text(OPEN_STATES))
    later = waiting.values(due_at=Work.due_at + by).returning(Work.id)
    count = len(db.session.scalars(later).all())
    db.session.commit()
    db.session.remove()
    return count


def _start(stage: Stage) -> None:
    programs = [stage.start(*words) for words in (["scheduler"], *[["worker", "sync"]] * WORKERS)]
    wait_until(lambda: len(stage.worker_pids("sync")) >= WORKERS, what="the workers")
    assert all(program.process.poll() is None for program in programs)


def _measure(fresh: list[tuple[UUID, UUID]], seconds: float) -> list[Answered]:
    """Ask for one sync after the other on a fixed plan, and read how long each took."""
    asked, began = [], time.monotonic()
    for number in range(int(seconds / BETWEEN_SECONDS)):
        asked.append(_ask(*fresh[number % len(fresh)]))
        time.sleep(max(0.0, began + (number + 1) * BETWEEN_SECONDS - time.monotonic()))
    mine = Work.id.in_(asked)
    wait_until(lambda: not _count(mine, text(OPEN_STATES)), 120, what="the end of all syncs")
    took = select(extract("epoch", Work.finished_at - Work.created_at)).where(mine)
    found = [Answered(200, float(each)) for each in db.session.scalars(took)]
    db.session.remove()
    return found


def _ask(organisation_id: UUID, integration_id: UUID) -> UUID:
    with acting_for(organisation_id):
        integration = db.session.get_one(Integration, (organisation_id, integration_id))
        work_id = jobs.ask_for_sync(integration)
        db.session.commit()
        db.session.remove()
    return work_id


def _count(*which: object) -> int:
    found = db.session.scalar(select(func.count()).select_from(Work).where(*which))  # type: ignore[arg-type]
    db.session.remove()
    return int(found or 0)


def _compared(alone: list[Answered], beside: list[Answered]) -> dict[str, float]:
    both = {"empty": alone, "beside": beside}
    figures = {
        f"{name}_p{percent}_ms": percentile(found, percent)
        for name, found in both.items()
        for percent in (50, 95)
    }
    ratio = percentile(beside, 95) / percentile(alone, 95)
    return figures | {"ratio_p95": round(ratio, 2)}


if __name__ == "__main__":
    main()
