"""What a container's health check finds."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Queue, Worker
from rq_scheduler import Scheduler

from coach.runtime.alive import main
from config import Settings


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    with Redis.from_url(str(settings.redis_url)) as made:
        made.flushdb()
        yield made
        made.flushdb()


def asked(settings: Settings, part: str, **more: str) -> int:
    return main([part], {"ENVIRONMENT": "test", "REDIS_URL": str(settings.redis_url), **more})


class Fine(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_web_is_well_when_it_answers(settings: Settings) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Fine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        port = str(server.server_port)
        assert asked(settings, "web", PORT=port, HOST="0.0.0.0") == 0  # noqa: S104
        server.shutdown()
        thread.join()
    assert asked(settings, "web", PORT=port) == 1


def test_a_worker_is_well_when_one_of_this_machine_is_registered(
    settings: Settings, redis: Redis
) -> None:
    assert asked(settings, "worker") == 1
    worker = Worker([Queue("sync", connection=redis)], connection=redis)
    worker.register_birth()  # type: ignore[no-untyped-call]  # RQ's
    assert worker.hostname == socket.gethostname()
    assert asked(settings, "worker") == 0


@pytest.mark.parametrize(("due_in", "found"), [(30, 0), (-60, 0), (-600, 1), (None, 1)])
def test_the_schedule_is_kept_while_its_next_entry_is_not_long_past(
    settings: Settings, redis: Redis, due_in: int | None, found: int
) -> None:
    if due_in is not None:
        redis.zadd(Scheduler.scheduled_jobs_key, {"sweep": time.time() + due_in})
    assert asked(settings, "scheduler") == found


def test_a_queue_that_is_away_or_a_part_that_is_none_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker"], {"ENVIRONMENT": "test", "REDIS_URL": "redis://127.0.0.1:9/0"}) == 1
    assert asked(settings, "kitchen") == 2
    assert "ConnectionError" in capsys.readouterr().err
