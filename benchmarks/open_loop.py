"""Requests on a fixed plan: each starts at its moment, and its latency counts from that moment.

A loop that waits for an answer before it sends the next hides every stall; this one does not.
"""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue

THREADS = 16


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How one request went: its status (0: no answer) and seconds since its planned start."""

    status: int
    seconds: float


def run(
    port: int, *, per_second: float, seconds: float, make: Callable[[int], Request]
) -> list[Answered]:
    """Send to a port of this machine at a fixed rate for some seconds; nothing is sent twice."""
    plan: SimpleQueue[tuple[float, int] | None] = SimpleQueue()
    answered: list[Answered] = []
    threads = [
        threading.Thread(target=_serve, args=(port, plan, make, answered)) for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    began = time.perf_counter() + 0.1
    for number in range(round(per_second * seconds)):
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        plan.put((due, number))
    for _ in threads:
        plan.put(None)
    for thread in threads:
        thread.join()
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
    while (next_one := plan.get()) is not None:
        due, number = next_one
        answered.append(_send(connection, make(number), due))
    connection.close()


def _send(connection: http.client.HTTPConnection, request: Request, due: float) -> Answered:
    try:
        connection.request(
            request.method, request.path, request.body or None, dict(request.headers or {})
        )
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Answered(0, time.perf_counter() - due)
    return Answered(answer.status, time.perf_counter() - due)
