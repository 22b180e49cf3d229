"""What calls of the API cost on a generated population, beside an empty endpoint in the same run.

Served as in production (gunicorn, threads); the calls take turns, so that a busy moment of the
machine meets all of them. Milliseconds count from sending until the last byte, on loopback.
"""

import http.client
import json
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import create_engine, text

from benchmarks.counting import Sent, sent_by
from benchmarks.installation import application, wait_for
from benchmarks.population.home import populated
from benchmarks.population.size import Size
from coach.api import tokens
from coach.api.models import Holder
from coach.api.scopes import Scope
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.processes.stage import Stage

ROUNDS = int(os.environ.get("ROUNDS", "60"))
WARM_UP = 5
LARGE, USUAL = (f"staff-0-{number}@population.example" for number in (1, 2))
VALUES = "client_id,date,recovery_score,hrv_week_ms,resting_heart_rate,sleep_hours"
CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Call:
    """An address, and the token that calls it."""

    path: str
    token: str


@dataclass(slots=True)
class Seen:
    """What a call cost: seconds of each time, bytes on the wire, statements."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0
    statements: int = 0

    def at(self, percent: int) -> float:
        """Give a percentile in milliseconds."""
        ordered = sorted(self.seconds)
        return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 1)


def main() -> None:
    """Make every call in turn, having counted its statements."""
    with populated(Size.of_environment()) as stage:
        app = application(stage)
        calls = _calls(app, {who: _token(app, stage, who) for who in (LARGE, USUAL)})
        seen = {name: Seen(statements=_statements(app, call)) for name, call in calls.items()}
        stage.start("web", API_RATE_LIMIT_PER_MINUTE="1000000")
        port = int(stage.environment["PORT"])
        wait_for(f"http://127.0.0.1:{port}/readyz")
        _measure(port, calls, seen)
    print(json.dumps(_figures(seen)))


def _token(app: Flask, stage: Stage, email: str) -> str:
    """Make a token of a coach; only the owning role can look up where somebody belongs."""
    engine = create_engine(stage.environment["MIGRATION_DATABASE_URL"])
    wanted = (
        "SELECT m.organisation_id, m.user_id FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE u.email = :email"
    )
    with engine.connect() as connection:
        connection.execute(text("SET row_security = off"))
        owner, user_id = connection.execute(text(wanted), {"email": email}).one()
    engine.dispose()
    with app.app_context():
        act_for(owner, user_id=None, session=db.session())
        asked = tokens.Wanted("benchmark", Holder.PERSON, list(Scope))
        _made, token = tokens.make(asked, organisation_id=owner, user_id=user_id, by=None)
        db.session.commit()
        act_for_nobody()
    return token


def _calls(app: Flask, token: Mapping[str, str]) -> dict[str, Call]:
    """Name the calls by what is measured; a client is the first of the usual coach's roster."""
    known = _ask(app, Call("/api/v1/roster?fields=client_id", token[USUAL]))
    client = known["items"][0]["client_id"]
    return {
        "roster50": Call("/api/v1/roster", token[USUAL]),
        "roster500": Call("/api/v1/roster", token[LARGE]),
        "latest100": Call(f"/api/v1/roster?sort=name&limit=100&fields={VALUES}", token[LARGE]),
        "days365": Call(f"/api/v1/clients/{client}/days?limit=365", token[USUAL]),
        CONTROL: Call("/healthz", token[USUAL]),
    }


def _ask(app: Flask, call: Call) -> dict[str, list[dict[str, str]]]:
    answer = app.test_client(use_cookies=False).get(call.path, headers=_headers(call))
    if answer.status_code != 200 or not isinstance(answer.json, dict):
        raise SystemExit(f"{call.path} answered {answer.status_code}")
    return answer.json


def _statements(app: Flask, call: Call) -> int:
    """Count everything a call sends; the second time, as a program would make it."""
    with app.app_context():
        engine = db.engine
    _ask(app, call)
    sent = Sent()
    with sent_by(engine, sent):
        _ask(app, call)
    return len(sent.statements)


def _measure(port: int, calls: Mapping[str, Call], seen: Mapping[str, Seen]) -> None:
    order, dice = list(calls), random.Random(7)  # noqa: S311  # no secret
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(WARM_UP + ROUNDS):
        dice.shuffle(order)
        for name in order:
            seconds, size = _get(connection, calls[name])
            if number >= WARM_UP:
                seen[name].seconds.append(seconds)
                seen[name].size = size
    connection.close()


def _get(connection: http.client.HTTPConnection, call: Call) -> tuple[float, int]:
    began = time.perf_counter()
    connection.request("GET", call.path, headers=_headers(call) | {"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200:
        raise SystemExit(f"{call.path} answered {answer.status}")
    return took, len(body)


def _headers(call: Call) -> dict[str, str]:
    return {"Authorization": f"Bearer {call.token}"}


def _figures(seen: Mapping[str, Seen]) -> dict[str, object]:
    figures: dict[str, object] = {"rounds": ROUNDS}
    for name, cost in seen.items():
        figures |= {
            f"{name}_requests": 1,
            f"{name}_statements": cost.statements,
            f"{name}_kb": round(cost.size / 1024, 1),
            f"{name}_p50_ms": cost.at(50),
            f"{name}_p95_ms": cost.at(95),
        }
    return figures


if __name__ == "__main__":
    main()
