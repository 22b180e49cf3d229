"""Every request that came in, in order. Scripted faults and webhooks will stand beside it."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    at: datetime
    method: str
    path: str
    query: str
    status: int


class Journal(deque[Call]):
    """The newest calls, the oldest of them first; appending is safe between threads."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)
