"""Is the process of this container well? `python -m coach.runtime.alive web|worker|scheduler`.

For health checks: it ends with 0 or 1, and imports little, because it is asked again and again.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq_scheduler import Scheduler

from config import Settings

PATIENCE_SECONDS = 4.0
# Entries of the schedule are due each minute; when two were missed, nobody keeps it.
LATE_SECONDS = 150.0


def web(settings: Settings) -> bool:
    """Tell whether the web process of this machine answers."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 (compared)
    connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def worker(settings: Settings) -> bool:
    """Tell whether a worker of this machine still renews its record at RQ."""
    with _redis(settings) as redis:
        return any(each.hostname == socket.gethostname() for each in Worker.all(connection=redis))


def scheduler(settings: Settings) -> bool:
    """Tell whether some scheduler keeps the schedule; one that fails ends by itself."""
    with _redis(settings) as redis:
        return not schedule_is_late(redis)


def schedule_is_late(redis: Redis) -> bool:
    """Tell whether what is due next was due long ago, or nothing is planned; raises RedisError."""
    planned = redis.zrange(Scheduler.scheduled_jobs_key, 0, 0, withscores=True)
    first = cast("list[tuple[bytes, float]]", planned)
    return not first or first[0][1] < time.time() - LATE_SECONDS


def _redis(settings: Settings) -> Redis:
    url, patience = str(settings.redis_url), PATIENCE_SECONDS
    return Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)


PARTS: Mapping[str, Callable[[Settings], bool]] = {
    "web": web,
    "worker": worker,
    "scheduler": scheduler,
}


def main(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Look at the part that is named; the exit code."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        print(f"name one of {', '.join(PARTS)}", file=sys.stderr)  # noqa: T201 (a script)
        return 2
    try:
        well = PARTS[arguments[0]](Settings.from_env(environ))
    except RedisError as error:
        print(f"the queue: {type(error).__name__}", file=sys.stderr)  # noqa: T201 (a script)
        return 1
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
