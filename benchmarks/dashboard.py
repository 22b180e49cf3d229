"""What the coach's pages cost on a generated population, beside an empty endpoint in the same run.

Served as in production (gunicorn, threads); the pages take turns, so that a busy moment of the
machine meets all of them. Milliseconds count from sending until the last byte, on loopback.
"""

import http.client
import json
import os
import random
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urljoin

import httpx
from flask import Flask

from benchmarks.counting import Sent, sent_by
from benchmarks.installation import application, wait_for
from benchmarks.population.home import populated
from benchmarks.population.making import PASSWORD
from benchmarks.population.size import Size
from coach.extensions import db
from tests.cast import Somebody
from tests.critic import Critic

ROUNDS = int(os.environ.get("ROUNDS", "60"))
WARM_UP = 5
LARGE, USUAL, EMPTY = (f"staff-0-{number}@population.example" for number in (1, 2, 0))
CONTROL = "control"
_CLIENT = re.compile(r'href="/dashboard/clients/([0-9a-f-]{36})"')
_PARTS = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_LOADED_LATER = re.compile(r'hx-trigger="[^"]*\b(?:load|revealed|intersect)\b')
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Page:
    """An address, and who opens it."""

    path: str
    by: str


@dataclass(slots=True)
class Seen:
    """What a page cost: seconds of each time, bytes on the wire, statements."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0
    statements: int = 0

    def at(self, percent: int) -> float:
        """Give a percentile in milliseconds."""
        ordered = sorted(self.seconds)
        return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 1)


def main() -> None:
    """Open every page in turn, count its statements, and add up a first load."""
    with populated(Size.of_environment()) as stage:
        app = application(stage)
        browsers = {who: _in_process(app, who) for who in (LARGE, USUAL, EMPTY)}
        pages = _pages(app, browsers[USUAL])
        seen = _counted(app, browsers, pages)
        stage.start("web")
        port = int(stage.environment["PORT"])
        wait_for(f"http://127.0.0.1:{port}/readyz")
        cookies = {who: _signed_in(port, who) for who in browsers}
        _measure(port, pages, cookies, seen)
        figures = _figures(seen, pages) | _first_load(port, cookies[USUAL])
        print((stage.home / "population.made").read_text(), file=sys.stderr)
    print(json.dumps(figures))


def _pages(app: Flask, coach: Critic) -> dict[str, Page]:
    """Name the pages by what is measured; a client is the first of the usual coach's roster."""
    found = _CLIENT.findall(coach.get("/dashboard").text)
    client = f"/dashboard/clients/{found[0]}"
    pages = {
        "roster50": Page("/dashboard", USUAL),
        "roster500": Page("/dashboard", LARGE),
        "client30": Page(f"{client}?days=30", USUAL),
        "client365": Page(f"{client}?days=365", USUAL),
        "frame": Page("/account", USUAL),
        CONTROL: Page("/healthz", EMPTY),
    }
    if "alerts.rules" in app.view_functions:
        with app.test_request_context():
            pages["alerts_preview"] = Page(app.url_for("alerts.rules"), USUAL)
    return pages


def _in_process(app: Flask, email: str) -> Critic:
    browser = Critic.of(app)
    return browser.sign_in(cast("Somebody", SimpleNamespace(email=email)), PASSWORD)


def _counted(
    app: Flask, browsers: Mapping[str, Critic], pages: Mapping[str, Page]
) -> dict[str, Seen]:
    """Count everything a page sends, as the tests do; the second time, as a coach would."""
    with app.app_context():
        engine = db.engine
    seen = {}
    for name, page in pages.items():
        browsers[page.by].get(page.path)
        sent = Sent()
        with sent_by(engine, sent):
            answer = browsers[page.by].get(page.path)
        if answer.status_code != 200:
            raise SystemExit(f"{page.path} answered {answer.status_code}")
        seen[name] = Seen(statements=len(sent.statements))
        later = len(_LOADED_LATER.findall(answer.text))
        if later:
            raise SystemExit(f"{page.path} loads {later} fragments: count them too")
    return seen


def _measure(
    port: int, pages: Mapping[str, Page], cookies: Mapping[str, str], seen: Mapping[str, Seen]
) -> None:
    order, dice = list(pages), random.Random(7)  # noqa: S311  # no secret
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(WARM_UP + ROUNDS):
        dice.shuffle(order)
        for name in order:
            seconds, body = _get(connection, pages[name].path, cookies[pages[name].by])
            if number >= WARM_UP:
                seen[name].seconds.append(seconds)
                seen[name].size = len(body)
    connection.close()


def _get(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, bytes]:
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "br, gzip"})
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return took, body


def _figures(
    seen: Mapping[str, Seen], pages: Sequence[str] | Mapping[str, Page]
) -> dict[str, object]:
    figures: dict[str, object] = {"rounds": ROUNDS}
    for name in pages:
        figures |= {
            f"{name}_requests": 1,
            f"{name}_statements": seen[name].statements,
            f"{name}_kb": round(seen[name].size / 1024, 1),
            f"{name}_p50_ms": seen[name].at(50),
            f"{name}_p95_ms": seen[name].at(95),
        }
    return figures


def _first_load(port: int, cookie: str) -> dict[str, object]:
    """Add up the roster and all it names, compressed, as a browser without a cache loads it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    address = f"http://127.0.0.1:{port}/dashboard"
    text = httpx.get(address, headers={"Cookie": cookie}).text
    found = dict.fromkeys(_PARTS.findall(text))
    sizes = {path: len(_get(connection, path, cookie)[1]) for path in ["/dashboard", *found]}
    print(
        {Path(urljoin(address, path)).name: size for path, size in sizes.items()}, file=sys.stderr
    )
    return {"first_load_kb": round(sum(sizes.values()) / 1024, 1), "first_load_files": len(sizes)}


def _signed_in(port: int, email: str) -> str:
    """Sign in through the form; the cookie of the session."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as browser:
        token = _TOKEN.search(browser.get("/sign-in").text)
        said = {"email": email, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        browser.post("/sign-in", data=said)
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


if __name__ == "__main__":
    main()
