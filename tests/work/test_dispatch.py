"""What is queued next: the urgent first, then the organisations in turn, and nothing twice."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4
from zlib import decompress

import pytest
from redis import Redis
from rq import worker_registration
from sqlalchemy import update

from coach.extensions import db
from coach.ids import new_id
from coach.work import dispatch
from coach.work.json_job import PERFORM
from coach.work.leases import claim, finish, now
from coach.work.models import Lane, Work
from config import Settings
from tests.work.conftest import QUEUE, Ask, row

LIST = f"rq:queue:{QUEUE}"


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    """Give the queue's server with one worker registered, who never takes anything."""
    client = Redis.from_url(str(settings.redis_url))
    workers = worker_registration.WORKERS_BY_QUEUE_KEY % QUEUE
    client.sadd(workers, f"rq:worker:{uuid4()}")
    yield client
    client.delete(LIST)
    client.delete(workers, f"coach:turn:{QUEUE}")
    client.close()


def queued(redis: Redis) -> list[UUID]:
    """List what waits in the queue, in order."""
    return [UUID(job.args[0]) for job in dispatch.rq_queue(redis, QUEUE).get_jobs()]


def rounds(number: int) -> list[UUID]:
    """Choose one piece after the other, each finished before the next; whose they were."""
    served, after = [], dispatch.NOBODY
    for _ in range(number):
        ((work, after),) = dispatch.choose(QUEUE, 1, after=after)
        db.session.commit()
        served.append(after)
        piece = claim(work)
        assert piece is not None
        finish(piece)
    return served


def test_an_organisation_with_much_work_lets_the_others_have_their_turn(ask_for: Ask) -> None:
    busy, small, late = (new_id() for _ in range(3))
    for _ in range(20):
        ask_for(busy)
    for organisation in (small, late):
        ask_for(organisation)
        ask_for(organisation)
    served = rounds(6)
    assert sorted(served[:3]) == sorted(served[3:]) == sorted([busy, small, late])
    assert rounds(1) == [busy]


def test_one_choice_of_many_goes_round_the_organisations_too(ask_for: Ask) -> None:
    busy, small = new_id(), new_id()
    for _ in range(5):
        ask_for(busy)
    ask_for(small)
    chosen = dispatch.choose(QUEUE, 2)
    assert {organisation for _, organisation in chosen} == {busy, small}


def test_urgent_work_goes_first_and_older_work_before_newer(ask_for: Ask) -> None:
    organisation = new_id()
    backfill = ask_for(organisation, Lane.BACKFILL)
    reconcile = ask_for(organisation, Lane.RECONCILE)
    first, second = ask_for(organisation), ask_for(organisation)
    chosen = [work for work, _ in dispatch.choose(QUEUE, 9)]
    assert chosen == [first, second, reconcile, backfill]


def test_work_that_is_not_due_is_not_chosen(ask_for: Ask) -> None:
    work = ask_for()
    db.session.execute(
        update(Work).where(Work.id == work).values(due_at=now() + timedelta(minutes=1))
    )
    assert dispatch.choose(QUEUE, 9) == []


def test_the_queue_holds_no_more_than_its_workers_can_take_soon(redis: Redis, ask_for: Ask) -> None:
    asked = [ask_for() for _ in range(5)]
    dispatch.dispatch(redis)
    dispatch.dispatch(redis)
    assert len(queued(redis)) == dispatch.JOBS_PER_WORKER
    assert sorted(row(each).state for each in asked) == ["queued"] * 2 + ["waiting"] * 3


def test_a_queue_without_a_worker_gets_nothing(redis: Redis, ask_for: Ask) -> None:
    work = ask_for()
    redis.delete(worker_registration.WORKERS_BY_QUEUE_KEY % QUEUE)
    dispatch.dispatch(redis)
    assert row(work).state == "waiting"


def test_work_that_waits_long_in_the_queue_is_not_queued_twice(redis: Redis, ask_for: Ask) -> None:
    work = ask_for()
    for _ in range(3):
        dispatch.dispatch(redis)
        db.session.execute(
            update(Work).where(Work.id == work).values(lease_until=now() - timedelta(seconds=1))
        )
        db.session.commit()
    dispatch.dispatch(redis)
    dispatch.sweep()
    assert queued(redis) == [work]
    assert row(work).state == "queued"


def test_work_that_the_queue_lost_is_queued_again(redis: Redis, ask_for: Ask) -> None:
    work = ask_for()
    dispatch.dispatch(redis)
    redis.delete(LIST)
    db.session.execute(
        update(Work).where(Work.id == work).values(lease_until=now() - timedelta(seconds=1))
    )
    dispatch.sweep()
    dispatch.dispatch(redis)
    assert queued(redis) == [work]


def test_a_job_is_json_and_carries_nothing_but_the_id(redis: Redis, ask_for: Ask) -> None:
    work = ask_for()
    dispatch.dispatch(redis)
    (job_id,) = dispatch.rq_queue(redis, QUEUE).get_job_ids()
    data = redis.hget(f"rq:job:{job_id}", "data")
    assert isinstance(data, bytes)
    assert json.loads(decompress(data)) == [PERFORM, None, [str(work)], {}]
