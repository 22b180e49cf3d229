"""Somebody who knows their password and signs in now and then, while something else goes on."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from benchmarks.population.making import PASSWORD

EVERY_SECONDS = 2.0
# So soon does a person who was sent away press the button once more.
AGAIN_SECONDS = 1.0
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


@dataclass(slots=True)
class Arrivals:
    """Seconds of each try that let in, seconds until in with all tries, and how many were not let in."""

    tries: list[float] = field(default_factory=list)
    until_in: list[float] = field(default_factory=list)
    sent_away: int = 0

    def said(self, name: str) -> dict[str, object]:
        """Name the figures, in milliseconds."""
        return {
            f"{name}sign_ins": len(self.tries),
            f"{name}sign_ins_sent_away": self.sent_away,
            **_percentiles(f"{name}sign_in_", self.tries),
            **_percentiles(f"{name}until_in_", self.until_in),
        }


@contextmanager
def arriving(port: int, email: str) -> Iterator[Arrivals]:
    """Let somebody sign in every other second while the block runs, always from the same address."""
    arrivals, over = Arrivals(), threading.Event()
    person = threading.Thread(target=_come_and_go, args=(port, email, arrivals, over))
    person.start()
    try:
        yield arrivals
    finally:
        over.set()
        person.join()


def _come_and_go(port: int, email: str, arrivals: Arrivals, over: threading.Event) -> None:
    while not over.is_set():
        began = time.perf_counter()
        _arrive(port, email, arrivals, over)
        over.wait(max(0.0, began + EVERY_SECONDS - time.perf_counter()))


def _arrive(port: int, email: str, arrivals: Arrivals, over: threading.Event) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as browser:
        token = _TOKEN.search(browser.get("/sign-in").text)
        said = {"email": email, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        first = time.perf_counter()
        while not over.is_set():
            began = time.perf_counter()
            answer = browser.post("/sign-in", data=said, headers={"X-Forwarded-For": "192.0.2.7"})
            if answer.status_code == 303:
                arrivals.tries.append(time.perf_counter() - began)
                arrivals.until_in.append(time.perf_counter() - first)
                return
            arrivals.sent_away += 1
            over.wait(AGAIN_SECONDS)


def _percentiles(name: str, seconds: Sequence[float]) -> dict[str, float | None]:
    ordered = sorted(seconds)
    at = {percent: min(len(ordered) - 1, len(ordered) * percent // 100) for percent in (50, 95)}
    return {
        f"{name}p{percent}_ms": round(ordered[place] * 1000, 1) if ordered else None
        for percent, place in at.items()
    }
