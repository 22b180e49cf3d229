"""What row-level security costs the coach's pages: each page with and without it, in pairs.

One population, two applications in this process: one signs in to PostgreSQL as the application's
role, the other as a role that no policy filters (which only a benchmark may do). They take turns
page by page, in an order that is drawn, so that a busy moment of the machine meets both.
"""

import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from benchmarks.population.home import populated
from benchmarks.population.making import PASSWORD
from benchmarks.population.size import Size
from coach.app import create_app
from coach.extensions import db
from coach.runtime.services import provide
from config import Settings

ROUNDS = int(os.environ.get("ROUNDS", "60"))
WARM_UP = 5
COACH = "staff-0-2@population.example"
SMALL = {"ORGANISATIONS": "10", "CLIENTS": "50", "DAYS": "365"}
_CLIENT = re.compile(r'href="/dashboard/clients/([0-9a-f-]{36})"')
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


@dataclass(slots=True)
class Spent:
    """Milliseconds of each time: of the whole page, and of its statements."""

    page: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Side:
    """One application, its coach's browser, and the seconds its statements took so far."""

    app: Flask
    browser: FlaskClient
    in_sql: list[float]


def main() -> None:
    """Make the population, open each page by turns, and compare the medians."""
    for name, value in SMALL.items():
        os.environ.setdefault(name, value)
    with populated(Size.of_environment()) as stage:
        settings = provide(Settings.from_env(stage.environment))
        sides = {"walled": _side(settings)}
        with patch("coach.app.refuse_strong_role", _allow):
            sides["open"] = _side(_unfiltered(settings))
        pages = _pages(sides["walled"].browser)
        spent = _measure(sides, pages)
        for side in sides.values():
            with side.app.app_context():
                db.engine.dispose()
        print((stage.home / "population.made").read_text(), file=sys.stderr)
    print(json.dumps(_figures(spent, pages)))


def _unfiltered(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_url": settings.migration_database_url})


def _allow(_engine: Engine) -> None:
    """Let a benchmark do what no process of ours may: work with a role that is too strong."""


def _side(settings: Settings) -> Side:
    app = create_app(settings)
    with app.app_context():
        engine = db.engine
    in_sql = _timed(engine)
    browser = app.test_client()
    token = _TOKEN.search(browser.get("/sign-in").text)
    said = {"email": COACH, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    browser.post("/sign-in", data=said)
    return Side(app, browser, in_sql)


def _timed(engine: Engine) -> list[float]:
    """Add up in the one number of a list what statements of an engine take."""
    total, began = [0.0], [0.0]

    def begin(*_: object) -> None:
        began[0] = time.perf_counter()

    def end(*_: object) -> None:
        total[0] += time.perf_counter() - began[0]

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    return total


def _pages(coach_browser: FlaskClient) -> dict[str, str]:
    found = _CLIENT.findall(coach_browser.get("/dashboard").text)
    client = f"/dashboard/clients/{found[0]}"
    return {
        "roster": "/dashboard",
        "client30": f"{client}?days=30",
        "client365": f"{client}?days=365",
        "alerts": "/dashboard/alerts",
        "week": f"{client}/weeks/2026-W20",
    }


def _measure(sides: dict[str, Side], pages: dict[str, str]) -> dict[tuple[str, str], Spent]:
    dice = random.Random(7)  # noqa: S311  # no secret
    turns = [(page, side) for page in pages for side in sides]
    spent = {turn: Spent() for turn in turns}
    for number in range(WARM_UP + ROUNDS):
        dice.shuffle(turns)
        for page, side in turns:
            with _watched(sides[side], spent[page, side], counted=number >= WARM_UP):
                status = sides[side].browser.get(pages[page]).status_code
            if status != 200:
                raise SystemExit(f"{pages[page]} answered {status}")
    return spent


@contextmanager
def _watched(side: Side, spent: Spent, *, counted: bool) -> Iterator[None]:
    in_sql, began = side.in_sql[0], time.perf_counter()
    yield
    if counted:
        spent.page.append((time.perf_counter() - began) * 1000)
        spent.sql.append((side.in_sql[0] - in_sql) * 1000)


def _figures(spent: dict[tuple[str, str], Spent], pages: dict[str, str]) -> dict[str, object]:
    figures: dict[str, object] = {"rounds": ROUNDS}
    ratios = []
    for page in pages:
        walled, open_ = spent[page, "walled"], spent[page, "open"]
        ratios.append(statistics.median(walled.page) / statistics.median(open_.page))
        figures |= {
            f"{page}_walled_ms": round(statistics.median(walled.page), 2),
            f"{page}_open_ms": round(statistics.median(open_.page), 2),
            f"{page}_ratio": round(ratios[-1], 3),
            f"{page}_sql_ratio": round(
                statistics.median(walled.sql) / statistics.median(open_.sql), 3
            ),
        }
    return figures | {"worst_page_ratio": round(max(ratios), 3)}


if __name__ == "__main__":
    main()
