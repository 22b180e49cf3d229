"""WHOOP calls of a crowd on one WHOOP app in a simulated week, with announcements, without, with some.

make bench NAME=quota                                 2,000 clients, seven days, all three
CLIENTS=250 DAYS=3 SCENARIOS=on make bench NAME=quota     a part; the limits shrink with the crowd
REAL=10 make bench NAME=quota                         so many minutes in true time, with real processes
"""

import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import func, select

from benchmarks import true_time, truth
from benchmarks.crowd import LINKED, START, Crowd, Limits, linked_crowd
from benchmarks.simulation import Simulation
from benchmarks.truth import ON_ITS_WAY, Latencies
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.simulator.journal import Call, worst
from coach.simulator.manner import Manner
from coach.whoop.client.watching import pattern
from coach.whoop.models import SyncRun

# Whose nights are scored again in true time: each is, once in some minutes.
IN_TRUE_TIME = 60
FULL, PER_MINUTE, PER_DAY = 2000, 100, 10_000
# So few calls a minute would be less than one client's morning.
FEWEST_PER_MINUTE = 12
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
DROPPED = 0.3
SCENARIOS = ("on", "off", "dropped")

Figures = dict[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many clients for how many days."""

    clients: int
    days: int
    limits: Limits

    @classmethod
    def of(cls, clients: int, days: int) -> Self:
        """Shrink what WHOOP allows as the crowd is smaller than the full one."""
        per_minute = max(PER_MINUTE * clients // FULL, FEWEST_PER_MINUTE)
        return cls(clients, days, Limits(per_minute, PER_DAY * clients // FULL))


def main() -> None:
    """Run what the environment asks for; the last line is one JSON object."""
    if minutes := os.environ.get("REAL"):
        clients = int(os.environ.get("CLIENTS", IN_TRUE_TIME))
        print(json.dumps(true_time.run(float(minutes), clients)))
        return
    plan = Plan.of(int(os.environ.get("CLIENTS", FULL)), int(os.environ.get("DAYS", "7")))
    wanted = os.environ.get("SCENARIOS", ",".join(SCENARIOS)).split(",")
    figures: Figures = {"clients": plan.clients, "days": plan.days}
    for name in wanted:
        mark = "" if name == "on" else f"_{name}"
        figures |= {f"{each}{mark}": value for each, value in run(name, plan).items()}
    print(json.dumps(figures))


def run(scenario: str, plan: Plan) -> Figures:
    """Simulate one scenario and give its figures."""
    print(f"{scenario}: {plan.clients} clients, {plan.days} days", file=sys.stderr)
    with linked_crowd(plan.clients, plan.limits, announced=scenario != "off") as crowd:
        crowd.world.post.manner = Manner(dropped=DROPPED if scenario == "dropped" else 0)
        gc.collect()
        gc.freeze()  # the lives in the caches stay: looking at them again finds nothing
        latencies = Latencies(crowd, START)
        simulation = Simulation(crowd, LINKED, latencies)
        simulation.run(START)
        crowd.world.journal.clear()
        began = time.monotonic()
        missed = _live(simulation, plan)
        seconds = time.monotonic() - began
        figures = _figures(crowd, plan, latencies) | missed
        figures["client_days_per_s"] = round(plan.clients * plan.days / seconds, 1)
        print(f"{scenario}: {json.dumps(figures)}", file=sys.stderr)
        print(f"{scenario}: {json.dumps(_explained(crowd, plan))}", file=sys.stderr)
    gc.unfreeze()
    return figures


def _live(simulation: Simulation, plan: Plan) -> Figures:
    """Live the days; what is missing when a day ends where somebody is, and a day later."""
    counted, kinds = Counter[str](), Counter[str]()
    for end, homes in truth.midnights(simulation.crowd, START, plan.days):
        simulation.run(end)
        known = end - ON_ITS_WAY
        today = truth.missing(homes, known - A_DAY, known)
        kinds.update(each.kind for each in today)
        counted["missing"] += len(today)
        counted["missing_a_day_later"] += len(
            truth.missing(homes, known - 2 * A_DAY, known - A_DAY)
        )
        counted["things"] += truth.count(homes, known - A_DAY, known)
    simulation.run(START + plan.days * A_DAY)
    return {**counted, "missing_kinds": dict(kinds)}


def _figures(crowd: Crowd, plan: Plan, latencies: Latencies) -> Figures:
    calls = [each for each in crowd.world.journal if each.is_api]
    tokens = len(crowd.world.journal) - len(calls)
    ours = crowd.world.apps.first.client_id
    client_days = plan.clients * plan.days
    return {
        "calls_per_client_day": round(len(calls) / client_days, 2),
        "token_calls_per_client_day": round(tokens / client_days, 2),
        "worst_minute": worst(calls, A_MINUTE).get(ours, 0),
        "worst_day": worst(calls, A_DAY).get(ours, 0),
        "per_minute": crowd.limits.per_minute,
        "per_day": crowd.limits.per_day,
        "refused": sum(call.status == 429 for call in calls),
        "visible_p50_s": _percentile(latencies.seconds, 50),
        "visible_p95_s": _percentile(latencies.seconds, 95),
        "visible_p99_s": _percentile(latencies.seconds, 99),
        "unseen": latencies.unseen,
    }


def _percentile(values: Sequence[float], percent: float) -> float | None:
    if not values:
        return None
    return round(sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))], 1)


def _explained(crowd: Crowd, plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Say what a client-day is made of: calls by address, syncs by cause and outcome."""
    counted = {
        "calls": Counter(_address(call) for call in crowd.world.journal),
        "syncs": _syncs({home.organisation_id for home in crowd.homes.values()}),
    }
    days = plan.clients * plan.days
    return {
        what: {name: round(number / days, 3) for name, number in each.most_common()}
        for what, each in counted.items()
    }


def _address(call: Call) -> str:
    return pattern(call.path.removeprefix("/developer")) + (
        " page 2" if "nextToken" in call.query else ""
    )


def _syncs(organisations: Iterable[UUID]) -> Counter[str]:
    counted: Counter[str] = Counter()
    rows = select(SyncRun.trigger, SyncRun.outcome, func.count()).group_by(
        SyncRun.trigger, SyncRun.outcome
    )
    for organisation_id in organisations:
        with acting_for(organisation_id):
            for trigger, outcome, number in db.session.execute(
                rows.where(SyncRun.organisation_id == organisation_id)
            ):
                counted[f"{trigger}, {outcome}"] += number
            db.session.remove()
    return counted


if __name__ == "__main__":
    main()
