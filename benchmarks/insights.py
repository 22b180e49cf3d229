"""How many clients' insights one process brings up to date: one new day, and all that is kept.

Then through work: what a night's roll costs with its claim, lease and finish. The clients have a
life of their own each; what 20,000 of them take on two cores is worked out from that.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from benchmarks.installation import application, installation
from coach.accounts.access import Viewer
from coach.accounts.models import Client, Consent, FieldGroup, Role
from coach.accounts.organisations import create_organisation
from coach.check_ins.models import CheckIn
from coach.database.tenancy import act_for_nobody, acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.ids import new_id
from coach.insights import refresh, rolling, summary
from coach.insights.models import Insight
from coach.work import clock
from coach.work.models import Work
from coach.work.perform import perform

CLIENTS = int(os.environ.get("BENCH_CLIENTS", "300"))
DAYS = 220
NIGHT_OF = 20_000
CORES = 2
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = NOW.date()
A_DAY = timedelta(days=1)
USUAL = {
    "recovery_score": 60.0,
    "hrv": 60.0,
    "resting_heart_rate": 52.0,
    "sleep_hours": 7.3,
    "sleep_need_hours": 8.0,
    "respiratory_rate": 15.0,
    "strain": 11.0,
}


def main() -> None:
    """Make the clients, work out all that is kept, one more day, and a day through work."""
    with installation() as stage, application(stage).app_context():
        organisation_id, clients = _make_clients()
        with acting_for(organisation_id):
            everything = _each(clients, lambda each: refresh.rebuild(each, now=NOW))
            one_day = _each(clients, lambda each: refresh.refresh(each, now=NOW + A_DAY))
            nothing = _each(clients, lambda each: refresh.refresh(each, now=NOW + A_DAY))
            roster = _roster(organisation_id, clients, TODAY + A_DAY)
            rows = db.session.scalar(select(func.count()).select_from(Insight)) or 0
            db.session.remove()
        sweep, through_work = _roll(organisation_id, NOW + 2 * A_DAY)
    print(
        json.dumps(
            _figures(everything, one_day, nothing, through_work)
            | roster
            | {
                "rows": rows,
                "sweep_ms": round(sweep * 1000, 1),
            }
        )
    )


def _make_clients() -> tuple[UUID, list[UUID]]:
    dice = random.Random(7)  # noqa: S311  # made-up lives
    organisation_id = create_organisation("bench", slug=f"bench-{new_id().hex[-6:]}").id
    made = [_make_client(organisation_id, dice) for _ in range(CLIENTS)]
    db.session.execute(delete(Work))  # of the changes that made them
    db.session.commit()
    db.session.remove()
    act_for_nobody()
    print(f"{CLIENTS} clients, {DAYS} days each", file=sys.stderr)
    return organisation_id, made


def _make_client(organisation_id: UUID, dice: random.Random) -> UUID:
    client_id = new_id()
    mine = {"organisation_id": organisation_id, "client_id": client_id}
    db.session.add(
        Client(id=client_id, organisation_id=organisation_id, name="x", timezone="Europe/Berlin")
    )
    db.session.flush()
    db.session.add_all(Consent(field_group=each, text_version="1", **mine) for each in FieldGroup)
    level = {name: dice.uniform(0.8, 1.2) for name in USUAL}
    for back in range(0, DAYS, 2):
        items = {name: dice.randint(1, 6) for name in ("sleep", "stress", "fatigue", "soreness")}
        db.session.add(CheckIn(id=new_id(), date=TODAY - A_DAY * back, **items, **mine))
    said = {day: Reading(Source.WHOOP, _values(level, dice)) for day in _dates()}
    store.record(client_id, Source.WHOOP, said)
    db.session.commit()
    return client_id


def _dates() -> Iterator[date]:
    # The last two are the days that are worked out later.
    return (TODAY + 2 * A_DAY - A_DAY * back for back in range(DAYS))


def _values(level: dict[str, float], dice: random.Random) -> dict[str, float]:
    """Spread each value by 8 %, over slow drifts, so that some signals show."""
    drawn = {name: usual * level[name] * dice.gauss(1, 0.08) for name, usual in USUAL.items()}
    return drawn | {"recovery_score": dice.uniform(10, 99), "strain": dice.uniform(4, 18)}


def _each(clients: list[UUID], do: Callable[[UUID], int]) -> float:
    """Do it for each client in a transaction of its own; seconds."""
    began = time.perf_counter()
    for client_id in clients:
        do(client_id)
        db.session.commit()
    return time.perf_counter() - began


def _roll(organisation_id: UUID, now: datetime) -> tuple[float, float]:
    """Let everybody's day turn: seconds of the sweep, and of all the work that it asks for."""
    with clock.stopped_at(now):
        began = time.perf_counter()
        rolling.ask_where_due(now=now)
        swept = time.perf_counter()
        mine = (Work.organisation_id == organisation_id, Work.kind == rolling.SERIES.name)
        (series,) = db.session.scalars(select(Work.id).where(*mine))
        db.session.remove()
        perform(str(series))
        return swept - began, time.perf_counter() - swept


def _roster(organisation_id: UUID, clients: list[UUID], day: date) -> dict[str, object]:
    """Read the summary of all clients; the median of seven reads in milliseconds."""
    looking = Viewer(
        organisation_id=organisation_id,
        organisation_name="bench",
        user_id=new_id(),
        membership_id=new_id(),
        role=Role.OWNER,
        name="x",
        email="x@example.org",
        timezone="UTC",
        client_id=None,
    )
    took = []
    for _ in range(7):
        began = time.perf_counter()
        found = summary.mornings(dict.fromkeys(clients, day), by=looking)
        took.append(time.perf_counter() - began)
        db.session.rollback()
    attention = sum(seen.needs_attention for seen in found.values())
    return {
        "summary_clients": len(found),
        "summary_p50_ms": round(sorted(took)[3] * 1000, 1),
        "needs_attention": attention,
    }


def _figures(
    everything: float, one_day: float, nothing: float, through_work: float
) -> dict[str, object]:
    def night(seconds: float) -> float:
        return round(seconds / CLIENTS * NIGHT_OF / CORES / 60, 1)

    return {
        "clients": CLIENTS,
        "all_days_clients_per_s": round(CLIENTS / everything, 1),
        "one_day_clients_per_s": round(CLIENTS / one_day, 1),
        "nothing_to_do_clients_per_s": round(CLIENTS / nothing, 1),
        "through_work_clients_per_s": round(CLIENTS / through_work, 1),
        "minutes_for_20000_all_days": night(everything),
        "minutes_for_20000_night": night(through_work),
    }


if __name__ == "__main__":
    main()
