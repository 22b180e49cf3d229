"""Requests on a fixed plan: each starts at its moment, and its latency counts from that moment.

A loop that waits for an answer before it sends the next hides every stall; this one does not.
"""

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from queue import SimpleQueue

THREADS = 16
IDLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How one request went: status (0: no answer), seconds since its planned start, its number."""

    status: int
    seconds: float
    number: int = 0


def run(
    port: int,
    *,
    per_second: float,
    seconds: float,
    make: Callable[[int], Request],
    threads: int = THREADS,
) -> list[Answered]:
    """Send to a port of this machine at a fixed rate for some seconds; nothing is sent twice.

    `threads` is how many requests may be under way at once: where answers take long, it needs many.
    """
    numbers = range(round(per_second * seconds))
    return _send_all(port, numbers, per_second=per_second, make=make, threads=threads)


def run_while(
    port: int, goes_on: Callable[[], bool], *, per_second: float, make: Callable[[int], Request]
) -> list[Answered]:
    """Send at a fixed rate for as long as something goes on, which is asked before each request."""
    numbers = takewhile(lambda _number: goes_on(), count())
    return _send_all(port, numbers, per_second=per_second, make=make, threads=THREADS)


def _send_all(
    port: int,
    numbers: Iterable[int],
    *,
    per_second: float,
    make: Callable[[int], Request],
    threads: int,
) -> list[Answered]:
    plan: SimpleQueue[tuple[float, int] | None] = SimpleQueue()
    answered: list[Answered] = []
    senders = [
        threading.Thread(target=_serve, args=(port, plan, make, answered)) for _ in range(threads)
    ]
    for sender in senders:
        sender.start()
    began = time.perf_counter() + 0.1
    for number in numbers:
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        plan.put((due, number))
    for _ in senders:
        plan.put(None)
    for sender in senders:
        sender.join()
    return answered


def percentile(answers: list[Answered], percent: float) -> float:
    """Give a percentile of the latencies in milliseconds."""
    ordered = sorted(each.seconds for each in answers)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000, 2)


def _serve(
    port: int,
    plan: "SimpleQueue[tuple[float, int] | None]",
    make: Callable[[int], Request],
    answered: list[Answered],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    used = time.perf_counter()
    while (next_one := plan.get()) is not None:
        due, number = next_one
        if time.perf_counter() - used > IDLE_SECONDS:
            connection.close()  # the server is about to; it opens again by itself
        answered.append(_send(connection, make(number), due, number))
        used = time.perf_counter()
    connection.close()


def _send(
    connection: http.client.HTTPConnection, request: Request, due: float, number: int
) -> Answered:
    try:
        connection.request(
            request.method, request.path, request.body or None, dict(request.headers or {})
        )
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Answered(0, time.perf_counter() - due, number)
    return Answered(answer.status, time.perf_counter() - due, number)
