"""Parts of an installation are frozen, full, away or struck down while all processes run."""

import time

import httpx
import pytest

from coach.work.models import Queue
from tests import loopback
from tests.cast import PASSWORD, Cast
from tests.processes.announcer import Announcer
from tests.processes.conftest import base_url
from tests.processes.crashing import CrashingPostgres
from tests.processes.stage import PATIENCE, ForgetfulValkey, Stage, wait_until
from tests.processes.test_commands import ask_for_little, states

pytestmark = pytest.mark.usefixtures("inside")

RECOVERS_WITHIN = PATIENCE
FROZEN_SECONDS = 45.0  # longer than RQ itself waits for an answer


@pytest.fixture
def announcer(running: Stage) -> Announcer:
    return Announcer(base_url(running))


def readiness(stage: Stage) -> dict[str, str]:
    answer = loopback.get(f"{base_url(stage)}/readyz")
    assert (answer.status_code == 200) == (answer.json()["status"] == "ok")
    parts: dict[str, str] = answer.json()
    return parts


def is_ready(stage: Stage) -> bool:
    return readiness(stage)["status"] == "ok"


def sign_in(stage: Stage, people: Cast) -> int:
    """Sign in as a coach; the status of the roster."""
    with httpx.Client(
        base_url=base_url(stage), timeout=loopback.PATIENCE, follow_redirects=True
    ) as browser:
        page = browser.get("/sign-in").text
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        fields = {"email": people.ann.email, "password": PASSWORD, "csrf_token": token}
        answer = browser.post("/sign-in", data=fields)
        assert answer.url.path == "/dashboard"
        return answer.status_code


def do_without_queue(stage: Stage, people: Cast, announcer: Announcer, state: str) -> None:
    """See that pages and announcements work, and that the part is named."""
    assert readiness(stage) == {"status": "unavailable", "database": "ok", "queue": state}
    assert sign_in(stage, people) == 200
    assert [announcer.announce() for _ in range(5)] == [204] * 5
    assert not announcer.lost()


def is_done_once(asked: set[object]) -> bool:
    return states(asked) == [("done", 1)] * len(asked)


def test_r12_a_frozen_queue_stops_neither_pages_nor_announcements(
    running: Stage, valkey: ForgetfulValkey, people: Cast, announcer: Announcer
) -> None:
    with valkey.frozen():
        do_without_queue(running, people, announcer, "unreachable")
        asked = ask_for_little(people, 3)
    wait_until(lambda: is_done_once(asked), RECOVERS_WITHIN, "the work")
    assert is_ready(running)


def test_r13_a_full_queue_is_named_and_its_work_done_once_there_is_room(
    running: Stage, valkey: ForgetfulValkey, people: Cast, announcer: Announcer
) -> None:
    valkey.redis.config_set("maxmemory", 1)
    try:
        do_without_queue(running, people, announcer, "refuses writes")
        asked = ask_for_little(people, 3)
    finally:
        valkey.redis.config_set("maxmemory", 0)
    wait_until(lambda: is_done_once(asked), RECOVERS_WITHIN, "the work")
    assert running.kept["worker"].process.poll() is None


def test_r10_r11_a_queue_that_is_gone_and_forgets_loses_nothing(
    running: Stage, valkey: ForgetfulValkey, people: Cast, announcer: Announcer
) -> None:
    valkey.kill()
    try:
        do_without_queue(running, people, announcer, "unreachable")
        asked = ask_for_little(people, 5)
    finally:
        valkey.start()
    wait_until(lambda: is_done_once(asked), RECOVERS_WITHIN, "the work")
    assert is_ready(running)


def test_r06_r15_what_was_answered_with_2xx_outlives_a_crash_of_the_database(
    running: Stage, database: CrashingPostgres, people: Cast, announcer: Announcer
) -> None:
    asked = ask_for_little(people, 3)
    with announcer.announcing():
        wait_until(lambda: 204 in announcer.answers.values(), what="an announcement")
        database.crash()
        wait_until(lambda: 503 in announcer.answers.values(), what="a refusal")
        page = loopback.get(f"{base_url(running)}/sign-in", cookies={"coach": "x"})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "Try again in a minute" in page.text
        assert readiness(running)["database"] == "unreachable"
        before = len(announcer.answers)
        database.start()
        wait_until(lambda: is_ready(running), what="readiness")
        wait_until(lambda: 204 in [*announcer.answers.values()][before:], what="the next one")
    assert set(announcer.answers.values()) <= {204, 503}
    assert not announcer.lost()
    wait_until(lambda: {state for state, _ in states(asked)} == {"done"}, RECOVERS_WITHIN)
    assert sign_in(running, people) == 200


@pytest.mark.slow
def test_r12_a_long_frost_ends_without_hands(
    running: Stage, valkey: ForgetfulValkey, people: Cast, announcer: Announcer
) -> None:
    with valkey.frozen():
        asked = ask_for_little(people, 10)
        ends = time.monotonic() + FROZEN_SECONDS
        while time.monotonic() < ends:
            do_without_queue(running, people, announcer, "unreachable")
            time.sleep(1)
    wait_until(lambda: is_done_once(asked), RECOVERS_WITHIN, "the work")
    assert running.kept["worker"].process.poll() is None
    assert running.kept["scheduler"].process.poll() is None


@pytest.mark.slow
def test_r15_a_frozen_database_holds_nobody_for_long_and_costs_no_work(
    running: Stage, database: CrashingPostgres, people: Cast
) -> None:
    asked = ask_for_little(people, 300)
    wait_until(lambda: len(running.worker_pids(Queue.SYNC)) > 1, what="a work horse")
    with database.frozen():
        wait_until(lambda: "scheduler_waits" in running.kept["scheduler"].said, FROZEN_SECONDS)
        wait_until(
            lambda: len(running.worker_pids(Queue.SYNC)) == 1,
            FROZEN_SECONDS,
            "the end of the horse",
        )
    wait_until(lambda: {state for state, _ in states(asked)} == {"done"}, RECOVERS_WITHIN)
    assert is_ready(running)


@pytest.mark.slow
def test_r06_five_crashes_under_load_lose_no_acknowledged_announcement(
    running: Stage, database: CrashingPostgres, people: Cast, announcer: Announcer
) -> None:
    with announcer.announcing():
        for _ in range(5):
            asked = ask_for_little(people, 5)
            database.crash()
            time.sleep(3)
            database.start()
            wait_until(lambda: is_ready(running), what="readiness")
            wait_until(
                lambda these=asked: {state for state, _ in states(these)} == {"done"},  # type: ignore[misc]
                RECOVERS_WITHIN,
                "the work",
            )
    assert not announcer.lost()
    assert list(announcer.answers.values()).count(204) > 50


@pytest.mark.slow
def test_r13_workers_that_a_full_queue_stopped_begin_again_by_themselves(
    running: Stage, valkey: ForgetfulValkey, people: Cast
) -> None:
    worker = running.kept["worker"]
    valkey.redis.config_set("maxmemory", 1)
    try:
        asked = ask_for_little(people, 3)
        wait_until(lambda: "worker_waits" in worker.said, RECOVERS_WITHIN, "the end of RQ's loop")
    finally:
        valkey.redis.config_set("maxmemory", 0)
    wait_until(lambda: is_done_once(asked), RECOVERS_WITHIN, "the work")
    assert worker.process.poll() is None
