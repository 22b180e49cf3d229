"""Minutes in true time: real web, workers, scheduler and simulated WHOOP, and nights scored again.

A simulated week asks whether the plan holds; this asks whether the processes keep up with the
busiest hour of it: somebody's night is scored again every few seconds, and we look until it shows.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import httpx
from sqlalchemy import delete, select, update

from benchmarks.crowd import NO_LIMIT, organisation_of
from benchmarks.installation import SECRET, application, grant, installation, link_members, wait_for
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.simulator.crowd import FIRST_ID
from coach.simulator.journal import Call, worst
from coach.whoop.models import Integration, QuotaLedger, WhoopApp, WhoopRecord
from coach.whoop.sync import jobs
from coach.work.perform import perform
from tests.processes.stage import Stage

WORKERS = 2
# Two calls each: about what 2,000 clients cost in the hour in which most of them wake up.
SECONDS_BETWEEN, LOOK_EVERY = 4.0, 0.5
LAST_ONES_WITHIN = 120.0
PER_MINUTE, PER_DAY = 100, 10_000

Pair: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Night:
    """The newest night of a linked member."""

    organisation_id: UUID
    sleep_id: str


class Whoop:
    """The simulated WHOOP of an installation, in a process of its own."""

    def __init__(self, stage: Stage, clients: int) -> None:
        self._ours = {"client_id": stage.environment["WHOOP_CLIENT_ID"], "client_secret": SECRET}
        self._hook = f"{stage.environment['BASE_URL']}/webhooks/whoop"
        origin = stage.environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
        self._doors = f"{origin}/_simulator"
        port = origin.rpartition(":")[2]
        stage.start("simulator", "--port", port, "--crowd", str(clients))
        wait_for(origin)
        self.limit(NO_LIMIT, NO_LIMIT)

    def limit(self, per_minute: int, per_day: int) -> None:
        limits = {"per_minute": per_minute, "per_day": per_day}
        self._post("apps", {**self._ours, "webhook_url": self._hook, **limits})

    def grants(self, members: list[int]) -> Mapping[str, Pair]:
        """Hand out a pair of tokens for each member."""
        pairs: Mapping[str, Pair] = self._post("grants", {"user_ids": members}).json()
        return pairs

    def score_again(self, night: Night) -> None:
        self._post(f"rescore/{night.sleep_id}", {})

    def calls(self) -> list[Call]:
        """List the calls of the API so far."""
        told = httpx.get(f"{self._doors}/journal", timeout=60).json()["calls"]
        calls = [Call(**each | {"at": datetime.fromisoformat(each["at"])}) for each in told]
        return [each for each in calls if each.is_api]

    def _post(self, what: str, asked: Mapping[str, object]) -> httpx.Response:
        return httpx.post(f"{self._doors}/{what}", json=asked, timeout=60).raise_for_status()


@dataclass
class Watch:
    """Nights that were scored again and do not show it yet; how many seconds the others took."""

    waiting: list[tuple[Night, float, datetime]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def begin(self, night: Night, whoop: Whoop) -> None:
        self.waiting.append((night, time.monotonic(), _version(night)))
        whoop.score_again(night)

    def look(self) -> None:
        still = [each for each in self.waiting if _version(each[0]) <= each[2]]
        self.seconds += [time.monotonic() - each[1] for each in self.waiting if each not in still]
        self.waiting = still


def run(minutes: float, clients: int) -> dict[str, object]:
    """Link a crowd, start the processes, score nights again; calls, and how late all of it shows."""
    with installation(WHOOP_BACKFILL_DAYS="0") as stage:
        whoop = Whoop(stage, clients)
        app = application(stage)
        with app.app_context():
            nights = linked(whoop, clients)
            whoop.limit(PER_MINUTE, PER_DAY)
            before = len(whoop.calls())
            _start(stage)
            watch = _live(nights, whoop, minutes)
            calls = whoop.calls()[before:]
            db.engine.dispose()
    return {
        "clients": clients,
        "workers": WORKERS,
        "minutes": minutes,
        "scored_again": len(watch.seconds) + len(watch.waiting),
        "missing": len(watch.waiting),
        "visible_p50_s": _at(watch.seconds, 0.5),
        "visible_p95_s": _at(watch.seconds, 0.95),
        "calls": len(calls),
        "refused": sum(call.status == 429 for call in calls),
        "worst_minute": max(worst(calls, timedelta(minutes=1)).values(), default=0),
    }


def linked(whoop: Whoop, clients: int) -> list[Night]:
    """Link a client to each member, and read their last month; limits do not count yet."""
    members = [FIRST_ID + number for number in range(clients)]
    pairs = whoop.grants(members)
    ids = link_members([str(member) for member in members])
    _allow(NO_LIMIT)
    print(f"linking {clients} clients", file=sys.stderr)
    nights = [_read(each, pairs[str(member)]) for each, member in zip(ids, members, strict=True)]
    db.session.execute(delete(QuotaLedger))
    _allow(None)
    return nights


def _allow(calls: int | None) -> None:
    db.session.execute(update(WhoopApp).values(per_minute=calls, per_day=calls))
    db.session.commit()
    db.session.remove()


def _read(integration_id: UUID, pair: Pair) -> Night:
    organisation_id = organisation_of(integration_id)
    grant(organisation_id, integration_id, pair["access_token"], pair["refresh_token"])
    with acting_for(organisation_id):
        integration = db.session.get_one(Integration, (organisation_id, integration_id))
        client_id, work_id = integration.client_id, jobs.ask_for_sync(integration)
        db.session.commit()
        db.session.remove()
    perform(str(work_id))
    with acting_for(organisation_id):
        sleep_id = db.session.scalars(
            select(WhoopRecord.provider_id)
            .where(WhoopRecord.organisation_id == organisation_id)
            .where(WhoopRecord.client_id == client_id, WhoopRecord.kind == "recovery")
            .order_by(WhoopRecord.provider_updated_at.desc())
        ).first()
        db.session.remove()
    assert sleep_id, "a first sync brought no recovery"
    return Night(organisation_id, sleep_id)


def _start(stage: Stage) -> None:
    for words in (["web"], ["scheduler"], *[["worker", "sync"]] * WORKERS):
        stage.start(*words)
    ready = f"{stage.environment['BASE_URL']}/readyz"
    wait_for(ready)


def _live(nights: list[Night], whoop: Whoop, minutes: float) -> Watch:
    """Have a night scored again every few seconds, and look until all of them show."""
    began, watch = time.monotonic(), Watch()
    for number in range(int(minutes * 60 / SECONDS_BETWEEN)):
        watch.begin(nights[number % len(nights)], whoop)
        while time.monotonic() < began + (number + 1) * SECONDS_BETWEEN:
            watch.look()
            time.sleep(LOOK_EVERY)
    ends = time.monotonic() + LAST_ONES_WITHIN
    while watch.waiting and time.monotonic() < ends:
        watch.look()
        time.sleep(LOOK_EVERY)
    return watch


def _version(night: Night) -> datetime:
    """Say since when WHOOP has shown what we hold of a night's recovery."""
    with acting_for(night.organisation_id):
        shown = db.session.execute(
            select(WhoopRecord.provider_updated_at).where(
                WhoopRecord.organisation_id == night.organisation_id,
                WhoopRecord.kind == "recovery",
                WhoopRecord.provider_id == night.sleep_id,
            )
        ).scalar_one()
        db.session.remove()
    assert shown
    return shown


def _at(seconds: list[float], share: float) -> float | None:
    ordered = sorted(seconds)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1) if ordered else None
