"""A work horse goes on with what is due, in the order of the dispatcher, and is held as before."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from rq import worker_registration

from coach.ids import new_id
from coach.work import dispatch, series
from coach.work.leases import Piece
from coach.work.models import Lane
from coach.work.series import perform_due
from coach.work.slate import Slate, slate
from config import Settings
from tests.work.conftest import QUEUE, Ask, row

Doing = Callable[[Callable[[Piece], None]], None]
LIST = f"rq:queue:{QUEUE}"


@pytest.fixture(autouse=True)
def redis(settings: Settings) -> Iterator[Redis]:
    client = Redis.from_url(str(settings.redis_url))
    workers = worker_registration.WORKERS_BY_QUEUE_KEY % QUEUE
    client.sadd(workers, f"rq:worker:{uuid4()}")
    yield client
    client.delete(LIST, workers, f"coach:turn:{QUEUE}")
    client.close()


@pytest.fixture
def done(doing: Doing) -> list[UUID]:
    """Note what is done, in order."""
    seen: list[UUID] = []
    doing(lambda piece: seen.append(piece.id))
    return seen


def test_a_horse_goes_on_with_all_that_is_due(ask_for: Ask, done: list[UUID]) -> None:
    asked = [ask_for() for _ in range(4)]
    perform_due(str(asked[0]))
    assert sorted(done) == sorted(asked)
    assert {row(each).state for each in asked} == {"done"}


def test_it_takes_what_waits_in_the_queue_before_what_waits_in_the_table(
    redis: Redis, ask_for: Ask, done: list[UUID]
) -> None:
    queued = [ask_for() for _ in range(dispatch.JOBS_PER_WORKER)]
    dispatch.dispatch(redis)
    newer = [ask_for() for _ in range(2)]
    first = ask_for()
    perform_due(str(first))
    assert done[0] == first
    assert sorted(done[1:3]) == sorted(queued)
    assert sorted(done[3:]) == sorted(newer)
    assert not redis.exists(LIST)
    assert not list(redis.scan_iter(f"rq:job:{queued[0]}*")), "no job is left behind"


def test_organisations_take_turns_and_urgent_work_goes_first(
    ask_for: Ask, done: list[UUID]
) -> None:
    busy, small = new_id(), new_id()
    mine = [ask_for(busy) for _ in range(3)]
    backfill = ask_for(busy, Lane.BACKFILL)
    other = [ask_for(small) for _ in range(2)]
    perform_due(str(mine[0]))
    assert done[-1] == backfill
    owners = [each in other for each in done[1:5]]
    assert owners in ([True, False, True, False], [False, True, False, True])


def test_it_stops_after_a_while(
    ask_for: Ask, done: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "SECONDS", -1.0)
    first, second = ask_for(), ask_for()
    perform_due(str(first))
    assert done == [first]
    assert row(second).state == "waiting"


def test_it_stops_when_its_worker_was_told_to(
    ask_for: Ask, done: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Slate()
    monkeypatch.setattr(series, "slate", mine)
    mine.ask_to_stop()
    first, second = ask_for(), ask_for()
    perform_due(str(first))
    assert done == [first]
    assert row(second).state == "waiting"


def test_it_leaves_a_job_that_is_no_work_to_its_worker(
    redis: Redis, ask_for: Ask, done: list[UUID]
) -> None:
    redis.rpush(LIST, "sync_due")
    first, second = ask_for(), ask_for()
    perform_due(str(first))
    assert (done, row(second).state) == ([first], "waiting")
    assert redis.lrange(LIST, 0, -1) == [b"sync_due"]


def test_a_queue_that_is_away_ends_it_quietly(
    ask_for: Ask, done: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise RedisAway

    monkeypatch.setattr(dispatch, "take", away)
    first, second = ask_for(), ask_for()
    perform_due(str(first))
    assert (done, row(second).state) == ([first], "waiting")


def test_its_worker_can_read_what_it_is_at(ask_for: Ask, doing: Doing) -> None:
    read: list[tuple[UUID, UUID | None]] = []
    doing(lambda piece: read.append((piece.id, slate.read())))
    first = ask_for()
    ask_for()
    perform_due(str(first))
    assert len(read) == 2
    assert all(at == written for at, written in read)
    assert slate.read() is None
