"""Days of a crowd as a discrete-event loop: announcements, slots and workers, in virtual time.

Everything is done by the code that does it in true time; only the clock, the network and the queue
between dispatcher and workers are stood in for. A piece of work happens at the moment at which a
worker takes it up, and is visible when the worker ends: so long after it as its calls take.
"""

import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heapify, heapreplace
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.crowd import Crowd
from benchmarks.truth import Latencies
from coach.extensions import db
from coach.simulator.delivery import Delivery
from coach.whoop.sync import due
from coach.work import clock
from coach.work.dispatch import JOBS_PER_WORKER, NOBODY, choose
from coach.work.models import DueSlot, Queue, Work, WorkState
from coach.work.perform import perform

WORKERS = 4
CALL_SECONDS, OWN_SECONDS = 0.2, 0.1
# How often the dispatcher looks, and how often slots are taken.
A_SECOND, A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)
A_DAY = timedelta(days=1)
EPOCH = datetime.fromtimestamp(0, UTC)
FIRST_DUE = select(
    select(func.min(Work.due_at))
    .where(Work.queue == Queue.SYNC, Work.state == WorkState.WAITING)
    .scalar_subquery(),
    select(func.min(DueSlot.due_at)).where(DueSlot.taken_at.is_(None)).scalar_subquery(),
)


@dataclass
class Simulation:
    """The loop, the virtual workers and what waits for them."""

    crowd: Crowd
    now: datetime
    latencies: Latencies
    turn: UUID = NOBODY
    queued: deque[UUID] = field(default_factory=deque)
    free_at: list[datetime] = field(init=False)
    _slot: datetime | None = None
    _began: float = field(default_factory=time.monotonic)
    _said: datetime = EPOCH

    def __post_init__(self) -> None:
        self.free_at = [self.now] * WORKERS
        heapify(self.free_at)

    def run(self, until: datetime) -> None:
        """Let happen what happens until then."""
        while (moment := self._next()) < until:
            self.now = max(moment, self.now)
            with clock.stopped_at(self.now):
                self._hear()
                self._take_slots()
                self._work()
            self._say()
        self.now = until

    def _say(self) -> None:
        if self.now - self._said > A_DAY / 4:
            self._said = self.now
            seconds = time.monotonic() - self._began
            print(f"{self.now:%a %H:%M} after {seconds:.0f} s", file=sys.stderr)

    def _next(self) -> datetime:
        """Say when anything is due next, the dispatcher and the scheduler at their own steps."""
        work, self._slot = db.session.execute(FIRST_DUE).one()
        db.session.remove()
        moments = [_up(work, A_SECOND), _up(self._slot, A_MINUTE), self.crowd.world.next_due()]
        if self.queued or (work and work <= self.now):
            moments[0] = max(self.free_at[0], self.now + A_SECOND)
        return min(each for each in moments if each)

    def _hear(self) -> None:
        self.latencies.happen(self.now)
        for delivery in self.crowd.world.advance(self.now):
            self.crowd.world.answered(delivery, self._post(delivery))

    def _post(self, delivery: Delivery) -> int:
        path = urlsplit(delivery.url).path
        browser = self.crowd.app.test_client(use_cookies=False)
        return browser.post(path, data=delivery.body, headers=delivery.headers).status_code

    def _take_slots(self) -> None:
        if self._slot is None or self._slot > self.now:
            return
        due.sync_due(now=self.now)
        db.session.remove()

    def _work(self) -> None:
        """Dispatch what the workers can take soon, and let those who are free take it up."""
        busy = sum(each > self.now for each in self.free_at)
        chosen = choose(
            Queue.SYNC, JOBS_PER_WORKER * WORKERS - len(self.queued) - busy, after=self.turn
        )
        db.session.commit()
        db.session.remove()
        for work_id, organisation_id in chosen:
            self.queued.append(work_id)
            self.turn = organisation_id
        while self.queued and self.free_at[0] <= self.now:
            ends = self.now + self._perform(self.queued.popleft())
            heapreplace(self.free_at, ends)

    def _perform(self, work_id: UUID) -> timedelta:
        """Do one piece of work; how long it takes in virtual time."""
        journal = self.crowd.world.journal
        before = journal.written
        perform(str(work_id))
        calls = [journal[-number] for number in range(1, journal.written - before + 1)]
        took = timedelta(seconds=OWN_SECONDS + CALL_SECONDS * len(calls))
        for member in {call.member for call in calls if call.member is not None}:
            self.latencies.look(member, self.now + took)
        return took


def _up(moment: datetime | None, step: timedelta) -> datetime | None:
    """Round up to the next step."""
    return moment and moment + (EPOCH - moment) % step
