"""The four collections of a life."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from coach.simulator.life import Chapter
from coach.simulator.paging import Entry

Collection = Callable[[Iterable[Chapter]], Iterator[Entry]]


def newest_first(
    chapters: Iterable[Chapter], collection: Collection, since: datetime | None
) -> Iterator[Entry]:
    """Take entries out of chapters that come newest first, down to those that ended before."""
    for chapter in chapters:
        if since is not None and chapter.cycle.end is not None and chapter.cycle.end < since:
            return
        yield from sorted(collection([chapter]), key=_start, reverse=True)


def cycles(life: Iterable[Chapter]) -> Iterator[Entry]:
    for chapter in life:
        yield Entry(chapter.cycle.start, chapter.cycle.end, chapter.cycle)


def sleeps(life: Iterable[Chapter]) -> Iterator[Entry]:
    for chapter in life:
        for sleep in chapter.sleeps:
            yield Entry(sleep.start, sleep.end, sleep)


def workouts(life: Iterable[Chapter]) -> Iterator[Entry]:
    for chapter in life:
        for workout in chapter.workouts:
            yield Entry(workout.start, workout.end, workout)


def recoveries(life: Iterable[Chapter]) -> Iterator[Entry]:
    """Return recoveries by the time of their sleeps, as they have none of their own."""
    for chapter in life:
        for sleep in chapter.sleeps:
            recovery = chapter.recovery_of(sleep)
            if recovery:
                yield Entry(sleep.start, sleep.end, recovery)


def recoveries_of_nights(life: Iterable[Chapter]) -> Iterator[Entry]:
    """Return recoveries as they were before naps had any."""
    for chapter in life:
        recovery = chapter.recovery_of(chapter.main)
        if recovery and chapter.main:
            yield Entry(chapter.main.start, chapter.main.end, recovery)


def _start(entry: Entry) -> datetime:
    return entry.start
