"""Open-loop load on a population, on loopback only: each scenario beside a control of the same run.

`[HOME_DIR=…] [CLIENTS=… ORGANISATIONS=…] SCENARIOS=pages,polls,burst,flood,walls make bench
NAME=load`. Requests start at their planned moment whatever became of those before, and latency
counts from that moment, so a stall is seen by everybody it held up. The other scenarios of the list
have programs of their own: L-03 `dashboard`, L-04 `webhook`, L-05 `quota`, L-07 `sync`, L-08
`lanes`, L-09 and L-10 `import`; docs/benchmarks.md says which is which.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from types import MappingProxyType
from typing import TypeAlias
from uuid import uuid4

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.arriving import arriving
from benchmarks.installation import wait_for
from benchmarks.open_loop import Answered, Request, percentile, run
from benchmarks.population.home import populated
from benchmarks.population.making import PASSWORD
from benchmarks.population.size import Size
from benchmarks.sending import announcement, signed_in
from tests.processes.stage import Stage

SECONDS = float(os.environ.get("SECONDS", "60"))
PAGES_PER_SECOND = float(os.environ.get("PAGES", "10"))
SIGN_INS_PER_SECOND = float(os.environ.get("FLOOD", "50"))
COACHES, POLL_SECONDS = 200, 30
# So many guesses wait for an answer at once; fewer would slow the flood itself down.
GUESSERS = 200
BURST = 500
LARGE, USUAL = (f"staff-0-{number}@population.example" for number in (1, 2))
_CLIENT = re.compile(r'href="/dashboard/clients/([0-9a-f-]{36})"')
_POLL = re.compile(r"hx-headers='(\{\"Coach-Poll[^']*)'")
_WALLS = """DO $$ DECLARE each regclass; BEGIN
FOR each IN SELECT DISTINCT polrelid::regclass FROM pg_policy LOOP
  EXECUTE format('ALTER TABLE %s SWITCH ROW LEVEL SECURITY', each);
END LOOP; END $$"""
Figures: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Site:
    """A running web process, and who is signed in there."""

    stage: Stage
    port: int
    usual: str
    large: str

    def get(self, path: str, cookie: str, **headers: str) -> Request:
        return Request("GET", path, headers={"Cookie": cookie, **headers})

    def load(self, make: Callable[[int], Request], per_second: float) -> list[Answered]:
        return run(self.port, per_second=per_second, seconds=SECONDS, make=make, threads=GUESSERS)


def main() -> None:
    """Run the scenarios that SCENARIOS names, one after the other, on one population."""
    names = os.environ.get("SCENARIOS", ",".join(SCENARIOS)).split(",")
    figures: Figures = {"seconds": SECONDS, "pages_per_second": PAGES_PER_SECOND}
    with populated(Size.of_environment()) as stage:
        # A flood comes from many addresses; the site believes one proxy about them.
        stage.start("web", TRUSTED_PROXIES="1")
        port = int(stage.environment["PORT"])
        wait_for(f"http://127.0.0.1:{port}/readyz")
        usual, large = (signed_in(port, who, PASSWORD) for who in (USUAL, LARGE))
        site = Site(stage, port, usual, large)
        for name in names:
            figures |= {f"{name}_{key}": value for key, value in SCENARIOS[name](site).items()}
    print(json.dumps(figures))


def pages(site: Site) -> Figures:
    """L-02: roster of 50 and of 500, client page of a month and of a year, in turns."""
    client = f"/dashboard/clients/{_first_client(site)}"
    asked = {
        "roster50": site.get("/dashboard", site.usual),
        "roster500": site.get("/dashboard", site.large),
        "client30": site.get(f"{client}?days=30", site.usual),
        "client365": site.get(f"{client}?days=365", site.usual),
        "control": Request("GET", "/healthz"),
    }
    return _in_turns(site, asked, PAGES_PER_SECOND)


def polls(site: Site) -> Figures:
    """L-12: 200 coaches look at a roster that asks again every 30 seconds, and nothing changes."""
    (told,) = _POLL.findall(_page(site, "/dashboard"))
    asked = {
        "poll": site.get("/dashboard", site.usual, **{"HX-Request": "true"}, **json.loads(told)),
        "control": Request("GET", "/healthz"),
    }
    return _in_turns(site, asked, 2 * COACHES / POLL_SECONDS, fine={"poll": 304})


def burst(site: Site) -> Figures:
    """L-04: 500 announcements within a second, of members that nobody is linked to."""
    before = _count(site, "webhook_events")
    sent = run(site.port, per_second=BURST, seconds=1, make=_announced)
    control = run(site.port, per_second=BURST, seconds=1, make=_empty)
    return {
        "sent": len(sent),
        "stored": _count(site, "webhook_events") - before,
        "answered_2xx": sum(each.status == 204 for each in sent),
        **_said("", sent),
        **_said("control_", control),
    }


def flood(site: Site) -> Figures:
    """L-11: somebody guesses passwords from many addresses while coaches work and sign in."""
    _owner(site, "DELETE FROM login_attempts")  # those of another run count for 15 minutes
    page = site.get("/dashboard", site.usual)
    with arriving(site.port, LARGE) as alone:
        control = site.load(lambda _number: page, PAGES_PER_SECOND)
    token, cookie = _form(site.port)
    ratio = int(SIGN_INS_PER_SECOND / PAGES_PER_SECOND) + 1

    def make(number: int) -> Request:
        return page if number % ratio == 0 else _guess(number, token, cookie)

    with arriving(site.port, LARGE) as flooded:
        answers = site.load(make, PAGES_PER_SECOND * ratio)
    worked = [each for each in answers if each.number % ratio == 0]
    guessed = [each for each in answers if each.number % ratio]
    return {
        "guesses": dict(Counter(each.status for each in guessed)),
        "errors": sum(each.status != 200 for each in worked),
        **_said("page_", worked),
        **_said("control_", control),
        **flooded.said(""),
        **alone.said("control_"),
        "page_ratio": round(percentile(worked, 95) / percentile(control, 95), 2),
    }


def walls(site: Site) -> Figures:
    """L-13: the roster of 500 with and without row-level security, in the order A B B A."""
    page = site.get("/dashboard", site.large)
    found: dict[bool, list[Answered]] = {True: [], False: []}
    for protected in (True, False, False, True):
        _protect(site, protected=protected)
        try:
            found[protected] += site.load(lambda _number: page, PAGES_PER_SECOND / 2)
        finally:
            _protect(site, protected=True)
    return {
        **_said("on_", found[True]),
        **_said("off_", found[False]),
        "ratio": round(percentile(found[True], 50) / percentile(found[False], 50), 2),
    }


SCENARIOS = {"pages": pages, "polls": polls, "burst": burst, "flood": flood, "walls": walls}


def _in_turns(
    site: Site,
    asked: Mapping[str, Request],
    per_second: float,
    fine: Mapping[str, int] = MappingProxyType({}),
) -> Figures:
    """Send each in its turn, all at one rate together, and sort the answers by what was asked.

    Anything but a 200, or what is `fine`, is an error.
    """
    names = list(islice(cycle(asked), round(per_second * SECONDS)))
    answers = site.load(lambda number: asked[names[number]], per_second)
    wrong = [each for each in answers if each.status != fine.get(names[each.number], 200)]
    figures: Figures = {"requests": len(answers), "errors": len(wrong)}
    for name in asked:
        figures |= _said(f"{name}_", [each for each in answers if names[each.number] == name])
    return figures


def _said(name: str, answers: list[Answered]) -> Figures:
    return {f"{name}p{percent}_ms": percentile(answers, percent) for percent in (50, 95, 99)}


def _announced(number: int) -> Request:
    return announcement(number, first=900_000_000, members=100)


def _empty(_number: int) -> Request:
    return Request("GET", "/healthz")


def _guess(number: int, token: str, cookie: str) -> Request:
    said = httpx.QueryParams(
        {"email": f"{uuid4().hex}@load.example", "password": "a wrong one", "csrf_token": token}
    )
    address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie,
        "X-Forwarded-For": address,
    }
    return Request("POST", "/sign-in", str(said).encode(), headers)


def _form(port: int) -> tuple[str, str]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as browser:
        found = re.search(r'name="csrf_token"\s+value="([^"]+)"', browser.get("/sign-in").text)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return (found[1] if found else ""), cookie


def _first_client(site: Site) -> str:
    return str(_CLIENT.findall(_page(site, "/dashboard"))[0])


def _page(site: Site, path: str) -> str:
    address = f"http://127.0.0.1:{site.port}{path}"
    return httpx.get(address, headers={"Cookie": site.usual}, timeout=60).text


def _count(site: Site, table: str) -> int:
    return _owner(site, f"SELECT count(*) FROM {table}") or 0  # noqa: S608  # names of ours


def _protect(site: Site, *, protected: bool) -> None:
    """Switch the policies of every walled table; only ever on a database made for measuring."""
    _owner(site, _WALLS.replace("SWITCH", "ENABLE" if protected else "DISABLE"))


def _owner(site: Site, statement: str) -> int | None:
    address = site.stage.environment["MIGRATION_DATABASE_URL"]
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        found = connection.execute(text(statement))
        return found.scalar() if found.returns_rows else None


if __name__ == "__main__":
    main()
