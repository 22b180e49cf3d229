"""The embedded Valkey as the queue meets it."""

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from coach.runtime.home import Services, open_home
from tests.runtime.conftest import processes_about, wait_until


def client(services: Services) -> Redis:
    assert services.redis_url
    return Redis.from_url(services.redis_url)


def test_nobody_gets_in_without_the_password(services: Services) -> None:
    assert services.redis_url
    with (
        Redis(
            unix_socket_path=urlsplit(services.redis_url).path, retry=Retry(NoBackoff(), 0)
        ) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.ping()


def test_it_has_no_network_address_and_writes_down_what_it_is_told(services: Services) -> None:
    with client(services) as redis:
        settings = redis.config_get("port", "appendonly", "appendfsync", "maxmemory-policy")
    assert settings == {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }


def test_only_its_user_may_use_the_socket(services: Services) -> None:
    assert services.redis_url
    socket = Path(urlsplit(services.redis_url).path)
    assert socket.stat().st_mode & 0o777 == 0o700
    assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_the_password_is_on_no_command_line(services: Services) -> None:
    assert services.redis_url
    assert processes_about(str(urlsplit(services.redis_url).password)) == []


def test_what_it_acknowledged_survives_kill_9(home: Path) -> None:
    with open_home(home, postgres=False, valkey=True) as services:
        with client(services) as redis:
            for number in range(200):
                redis.rpush("queue", number)
            pid = redis.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: processes_about(home) == [])
    with open_home(home, postgres=False, valkey=True) as services, client(services) as redis:
        assert [int(number) for number in redis.lrange("queue", 0, -1)] == list(range(200))
