"""Announcements of WHOOP through the real address: doubled, lost, in any order, while web dies."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select, text

from coach.database.tenancy import acting_for
from coach.days import editing
from coach.days.editing import Edit
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import WebhookEvent, WhoopRecord
from coach.whoop.sync.jobs import SYNC
from coach.work import slots
from coach.work.dispatch import rq_queue
from coach.work.leases import now
from coach.work.models import Queue
from tests import loopback
from tests.cast import Cast
from tests.processes.announcer import Announcer
from tests.processes.clients import Linked, bring_synced, newcomers
from tests.processes.conftest import base_url
from tests.processes.letters import Letter, delete, follow, is_gone, letter, subjects
from tests.processes.looking import seen_by
from tests.processes.stage import ForgetfulValkey, Stage, wait_until
from tests.processes.truth import check, work_of
from tests.processes.whoop_side import WhoopSide

pytestmark = pytest.mark.usefixtures("inside")

COPIES = 5
LATER = timedelta(days=8)
ORDERS = list(permutations(range(6)))


def rows_of(letters: list[Letter]) -> list[int]:
    """Count the stored rows of each announcement."""
    db.session.rollback()
    traces = [each.trace_id for each in letters]
    counted = select(WebhookEvent.trace_id, func.count()).group_by(WebhookEvent.trace_id)
    rows = db.session.execute(counted.where(WebhookEvent.trace_id.in_(traces)))
    found = {trace: number for trace, number in rows}  # noqa: C416  rows are no pairs for mypy
    return [found.get(trace, 0) for trace in traces]


def test_r20_what_comes_five_times_at_once_is_one_row_and_one_set_of_calls(
    running: Stage, standing: WhoopSide, people: Cast
) -> None:
    standing.announce_nothing()
    client = bring_synced(standing, people.bea, "mara")
    night, workout = subjects(client, "sleep")[0], subjects(client, "workout")[0]
    said = [("sleep.updated", night), ("recovery.updated", night), ("workout.updated", workout)]
    for _, subject in said[1:]:
        standing.rescore(subject, "mara")
    letters = [letter(client, *each) for each in said + said]  # again under other trace ids
    before = len(standing.api_calls("mara"))
    with ThreadPoolExecutor(COPIES * 2) as posts:
        answers = list(posts.map(lambda each: each.bring(running), letters * COPIES))
    assert set(answers) == {204}
    assert rows_of(letters) == [1] * len(letters)
    follow(client)
    paths = [call.path for call in standing.api_calls("mara")[before:]]
    assert sorted(paths) == sorted(set(paths)), "one set of calls"
    assert 0 < len(paths) <= 4
    check(client, standing)


def kill_web(stage: Stage) -> None:
    """`kill -9` the process that answers; the one that minds it starts another."""
    pid = stage.kept["web"].process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_r21_what_was_answered_with_2xx_is_stored_although_web_is_killed(
    running: Stage, kills: int
) -> None:
    announcer, dice = Announcer(base_url(running)), Random(kills)  # noqa: S311  not for secrets
    with ExitStack() as threads:
        for _ in range(4):
            threads.enter_context(announcer.announcing())
        for _ in range(kills):
            taken = [*announcer.answers.values()].count(204)
            wait_until(lambda n=taken: [*announcer.answers.values()].count(204) > n + 20)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.1))
            kill_web(running)
    assert not announcer.lost()
    unheard = [trace for trace, status in announcer.answers.items() if status != 204]
    assert [announcer.announce(trace) for trace in unheard] == [204] * len(unheard)
    assert not announcer.lost()
    letters = [Letter("", "", "", trace) for trace in announcer.answers]
    assert set(rows_of(letters)) == {1}


def six(whoop: WhoopSide, client: Linked) -> list[Letter]:
    """Let a night go, another and a workout be scored again, and say so in six letters."""
    new, gone = subjects(client, "sleep")[:2]
    workout = subjects(client, "workout")[0]
    delete(whoop, client, gone)
    for subject in (new, workout):
        whoop.rescore(subject, client.member)
    said = [(f"sleep.{how}", gone) for how in ("updated", "deleted")]
    said += [("recovery.deleted", gone), ("sleep.updated", new), ("recovery.updated", new)]
    return [letter(client, *each) for each in [*said, ("workout.updated", workout)]]


@pytest.mark.parametrize(
    ("seed", "number"), [(1, 2), *(pytest.param(n, 5, marks=pytest.mark.slow) for n in (2, 3, 4))]
)
def test_r22_six_announcements_in_any_order_end_as_whoop_has_it(
    running: Stage, standing: WhoopSide, people: Cast, seed: int, number: int
) -> None:
    standing.announce_nothing()
    orders = Random(seed).sample(ORDERS, number)  # noqa: S311  not for secrets
    names = ("mara", "ada", "ines", "june", "hugo", "priya", "omar", "tessa", "walter", "noah")
    clients = [
        bring_synced(standing, who, name)
        for who, name in zip(newcomers(people.bea, number), names, strict=False)
    ]
    letters = {each.id: six(standing, each) for each in clients}
    for half in (slice(3), slice(3, 6)):
        for client, order in zip(clients, orders, strict=True):
            for place in order[half]:
                assert letters[client.id][place].bring(running) == 204
        for client in clients:
            follow(client)
    for client in clients:
        gone = letters[client.id][0].subject
        check(client, standing)
        assert is_gone(client, "sleep", gone)


def sweep(client: Linked, valkey: ForgetfulValkey) -> None:
    """Let it be a week later, and the schedule look after this client."""
    older = text(
        "UPDATE integrations SET cursors = cursors || jsonb_build_object('read_at', "
        "(SELECT jsonb_object_agg(key, (value #>> '{}')::timestamptz - :by) FROM "
        "jsonb_each(cursors -> 'read_at'))) - 'reviewed_at' WHERE id = :id"
    )
    with acting_for(client.who.organisation_id):
        db.session.execute(older, {"by": LATER, "id": client.id})
        organisation = client.who.organisation_id
        slots.plan(SYNC.name, subject_id=client.id, organisation_id=organisation, due_at=now())
        db.session.commit()
    before = len(work_of(client))
    rq_queue(valkey.binary, Queue.UPKEEP).enqueue("coach.schedule.sync_due", result_ttl=0)
    wait_until(lambda: len(work_of(client)) > before, what="the sweep")
    follow(client)


def test_r23_a_sweep_finds_what_a_third_of_the_announcements_did_not_tell(
    standing: WhoopSide, valkey: ForgetfulValkey, people: Cast
) -> None:
    client = bring_synced(standing, people.bea, "mara")
    loopback.post(f"{standing.origin}/_simulator/webhooks", json={"dropped": 0.3, "seed": 5})
    nights, workouts = subjects(client, "sleep")[:16], subjects(client, "workout")[:16]
    for subject in nights[::2] + workouts[::2]:
        standing.rescore(subject, "mara")
    for subject in [nights[3], nights[9], workouts[5]]:
        delete(standing, client, subject)
    wait_until(lambda: tally(standing)["announced"] >= 27, what="announcements")
    follow(client)
    assert tally(standing)["dropped"] > 0
    sweep(client, valkey)
    check(client, standing)


def tally(whoop: WhoopSide) -> dict[str, int]:
    told = loopback.get(f"{whoop.origin}/_simulator/webhooks").json()["tally"]
    return {"announced": 0, "dropped": 0, "sent": 0, "taken": 0, **told}


def day_of(client: Linked, night: str) -> date:
    """Find the day that shows a night."""
    began = select(WhoopRecord.starts_at).where(
        WhoopRecord.client_id == client.who.client_id,
        WhoopRecord.kind == "sleep",
        WhoopRecord.provider_id == night,
    )
    mine = DailyLog.client_id == client.who.client_id
    shown = DailyLog.sleep_started_at == began.scalar_subquery()
    (day,) = seen_by(client.who, select(DailyLog.date).where(mine, shown))
    return day


def test_r24_a_deleted_night_takes_its_values_along_and_leaves_what_was_typed(
    running: Stage, standing: WhoopSide, people: Cast
) -> None:
    client = bring_synced(standing, people.bea, "mara")
    kept, gone, typed_on = subjects(client, "sleep")[2:5]
    day = day_of(client, typed_on)
    typed: dict[str, Edit] = {"hrv": 77.0, "notes": "A short night"}
    assert client.who.client_id
    with acting_for(client.who.organisation_id):
        editing.say(client.who.client_id, day, typed, by=client.who.user_id)
        db.session.commit()
    for night in (gone, typed_on):
        delete(standing, client, night)  # WHOOP announces the sleep and its recovery
    assert letter(client, "recovery.deleted", kept).bring(running) == 204  # it is there
    wait_until(lambda: tally(standing)["taken"] >= 4, what="four announcements")
    follow(client)
    check(client, standing, {day: typed})
    for night in (gone, typed_on):
        assert is_gone(client, "sleep", night)
        assert is_gone(client, "recovery", night)
        assert letter(client, "sleep.updated", night).bring(running) == 204  # it comes late
    follow(client)
    check(client, standing, {day: typed})
