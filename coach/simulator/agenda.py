"""Things with a time, the earliest first; of the same time, the one that was added first."""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, T]] = []
        self._numbers = count()

    @property
    def first(self) -> datetime | None:
        return self._entries[0][0] if self._entries else None

    def add(self, at: datetime, thing: T) -> None:
        heappush(self._entries, (at, next(self._numbers), thing))

    def until(self, moment: datetime) -> Iterator[tuple[datetime, T]]:
        """Take out what is due; what is added meanwhile and is due comes too."""
        while self._entries and self._entries[0][0] <= moment:
            at, _, thing = heappop(self._entries)
            yield at, thing
