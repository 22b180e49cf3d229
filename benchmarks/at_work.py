"""Coaches at work on a population while something happens beside them: the pages and their figures."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from benchmarks.installation import wait_for
from benchmarks.open_loop import Answered, Request, percentile, run_while
from benchmarks.population.making import PASSWORD
from benchmarks.sending import signed_in
from tests.processes.stage import Stage

COACH = "staff-0-2@population.example"  # the one with 50 clients
STALL_SECONDS = 1.0
_CLIENT = re.compile(r'href="(/dashboard/clients/[0-9a-f-]{36})"')
Figures: TypeAlias = dict[str, float]


@dataclass(frozen=True, slots=True)
class AtWork:
    """A web process, and the pages that its coach opens in turns."""

    port: int
    pages: tuple[Request, ...]

    @classmethod
    def on(cls, stage: Stage) -> "AtWork":
        """Start web on an installation with a population, and sign a coach in."""
        stage.start("web")
        port = int(stage.environment["PORT"])
        wait_for(f"http://127.0.0.1:{port}/readyz")
        signed = {"Cookie": signed_in(port, COACH, PASSWORD)}
        roster = httpx.get(f"http://127.0.0.1:{port}/dashboard", headers=signed, timeout=60).text
        client = _CLIENT.findall(roster)[0]
        paths = ("/dashboard", f"{client}?days=30", "/account")
        return cls(port, tuple(Request("GET", path, headers=signed) for path in paths))

    def open_pages(self, goes_on: Callable[[], bool], per_second: float) -> list[Answered]:
        """Open roster, client page and account in turns for as long as something goes on."""

        def make(number: int) -> Request:
            return self.pages[number % len(self.pages)]

        return run_while(self.port, goes_on, per_second=per_second, make=make)


def figures(name: str, answers: list[Answered]) -> Figures:
    """Say how requests went: how many, errors, those that took over a second, milliseconds."""
    return {
        f"{name}_requests": len(answers),
        f"{name}_errors": sum(each.status != 200 for each in answers),
        f"{name}_over_1s": sum(each.seconds > STALL_SECONDS for each in answers),
        **{f"{name}_p{percent}_ms": percentile(answers, percent) for percent in (50, 95, 99)},
        f"{name}_worst_ms": percentile(answers, 100),
    }
