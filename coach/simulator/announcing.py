"""Announcements on demand, and the postman who brings those that are due."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain, islice
from threading import Event, Thread
from uuid import UUID, uuid4

import httpx

from coach.simulator.changes import Change
from coach.simulator.delivery import Delivery
from coach.simulator.life import Chapter
from coach.simulator.records import Sleep, Workout
from coach.simulator.world import World

PATIENCE_SECONDS = 5.0
ROUNDS_EVERY = 0.1  # seconds
POSTMEN = 8
NEWEST = 30  # cycles, in which the newest of each kind is looked for


def news(life: list[Chapter], *, how: str) -> Iterator[tuple[str, UUID]]:
    """Name the newest sleep, its recovery and the newest workout as the subjects of events."""
    sleep = max(chain.from_iterable(each.sleeps for each in life), key=_start, default=None)
    if sleep is not None:
        yield f"sleep.{how}", sleep.id
        yield f"recovery.{how}", sleep.id  # a recovery is known by its sleep
    workout = max(chain.from_iterable(each.workouts for each in life), key=_start, default=None)
    if workout is not None:
        yield f"workout.{how}", workout.id


def announce(here: World, user_id: int, *, how: str, copies: int) -> list[list[int]]:
    """Post the member's news to the first app now; the statuses, event by event."""
    member, now = here.member(user_id), here.clock()
    chapters = list(islice(here.chapters(member), NEWEST)) if member else []
    made = (
        Delivery(here.apps.first, Change(now, user_id, what, subject), uuid4(), now).signed(
            datetime.now(UTC)
        )
        for what, subject in news(chapters, how=how)
    )
    return [[_post(each) or 0 for _ in range(copies)] for each in made]


class Postman:
    """Brings what is due while others answer requests; starts once, and stops for good."""

    def __init__(self, here: World) -> None:
        self._world = here
        self._stopping = Event()
        self._hands = ThreadPoolExecutor(POSTMEN, "postman")
        self._thread = Thread(target=self._go_round, name="post office", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._hands.shutdown(cancel_futures=True)

    def _go_round(self) -> None:
        while not self._stopping.wait(ROUNDS_EVERY):
            for delivery in self._world.post.due(self._world.clock()):
                self._hands.submit(self._bring, delivery)

    def _bring(self, delivery: Delivery) -> None:
        self._world.answered(delivery, _post(delivery))


def _post(delivery: Delivery) -> int | None:
    try:
        return httpx.post(
            delivery.url,
            content=delivery.body,
            headers=delivery.headers,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        ).status_code
    except httpx.TransportError:
        return None


def _start(record: Sleep | Workout) -> datetime:
    return record.start
