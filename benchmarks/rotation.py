"""How long it takes to seal 20,000 links anew while processes read and renew tokens all the time.

`make bench NAME=rotation`: every read must open (failed_reads 0), all must end under the new key
within a minute, and what was renewed meanwhile must be there afterwards. Readers go the way of a
sync: as the application's role, behind row-level security.
"""

import json
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.installation import application, installation
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.keys.resealing import reseal, uses
from coach.sealing import DoesNotOpen, LocalKey, Sealer, new_key, parse_key
from coach.whoop.errors import WhoopError
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Vault
from tests.processes.stage import Stage

ORGANISATIONS, LINKS_EACH = 200, 100
READERS = 2
OLD, NEW = new_key(), new_key()
RING = f"{NEW},{OLD}"
STATEMENTS = (
    "INSERT INTO organisations (id, name, slug) VALUES (:whose, :slug, :slug)",
    """INSERT INTO clients (organisation_id, id, name, timezone)
    SELECT :whose, id, 'x', 'UTC' FROM unnest(CAST(:ids AS uuid[])) AS id""",
    """INSERT INTO integrations (organisation_id, id, client_id, status, whoop_app_id)
    SELECT :whose, id, id, 'active', :app FROM unnest(CAST(:ids AS uuid[])) AS id""",
    """INSERT INTO integration_tokens
    (organisation_id, integration_id, access_token, refresh_token, token_expires_at)
    SELECT :whose, id, access, refresh, now() FROM unnest(CAST(:ids AS uuid[]),
    CAST(:access_token AS text[]), CAST(:refresh_token AS text[])) AS told(id, access, refresh)""",
)


def main() -> None:
    with installation(ENCRYPTION_KEYS=OLD) as stage:
        engine = create_engine(stage.environment["MIGRATION_DATABASE_URL"], poolclass=NullPool)
        links = fill(engine)
        both = Stage(stage.home, {**stage.environment, "ENCRYPTION_KEYS": RING})
        sealer = Sealer([LocalKey(parse_key(key)) for key in (NEW, OLD)])
        with reading(both, links) as told:
            began = time.perf_counter()
            result = reseal(engine, sealer)
            seconds = time.perf_counter() - began
        figures = {
            "links": len(links),
            "values": 2 * len(links),
            "seconds": round(seconds, 1),
            "resealed": result.resealed,
            "busy": result.busy,
            "unreadable": len(result.unreadable),
            "under_old_key": uses(engine)[LocalKey(parse_key(OLD)).id],
        }
        print(json.dumps(figures | told))


@contextmanager
def reading(stage: Stage, links: list[tuple[UUID, UUID]]) -> Iterator[dict[str, int]]:
    """Have processes read and renew inside the block; what they saw is told after it."""
    context = multiprocessing.get_context("spawn")
    ended, answers, ready = context.Event(), context.Queue(), context.Queue()
    words = (dict(stage.environment), links, ended, answers, ready)
    readers = [context.Process(target=read_all_the_time, args=words) for _ in range(READERS)]
    for each in readers:
        each.start()
    for _ in readers:
        ready.get(timeout=60)
    told = {"reads": 0, "failed_reads": 0, "renewed": 0, "lost_renewals": 0, "read_p99_ms": 0}
    try:
        yield told
    finally:
        ended.set()
        for _ in readers:
            try:
                seen = answers.get(timeout=60)
            except Empty:
                told["failed_reads"] += 1
                continue
            told["read_p99_ms"] = max(told["read_p99_ms"], seen.pop("read_p99_ms"))
            for name, count in seen.items():
                told[name] += count
        for each in readers:
            each.join(60)


def read_all_the_time(
    environment: dict[str, str],
    links: list[tuple[UUID, UUID]],
    ended: Event,
    answers: "multiprocessing.Queue[dict[str, int]]",
    ready: "multiprocessing.Queue[int]",
) -> None:
    """Be a worker: open tokens of links by chance, and renew every twentieth."""
    seen = {"reads": 0, "failed_reads": 0, "renewed": 0, "lost_renewals": 0}
    times, mine = [], {}
    stage = Stage(Path(environment["COACH_HOME"]), environment)
    with application(stage).app_context():
        ready.put(os.getpid())
        while not ended.is_set():
            whose, link = random.choice(links)  # noqa: S311  # a load, no secret
            began = time.perf_counter()
            try:
                mine.update(_look(whose, link, renew=seen["reads"] % 20 == 0))
            except (DoesNotOpen, WhoopError):
                seen["failed_reads"] += 1
            seen["reads"] += 1
            times.append(time.perf_counter() - began)
        seen["renewed"] = len(mine)
        seen["lost_renewals"] = sum(not _holds(key, token) for key, token in mine.items())
    slowest = sorted(times)[int(len(times) * 0.99)] if times else 0.0
    answers.put({**seen, "read_p99_ms": round(slowest * 1000)})

    return Stage(Path(environment["COACH_HOME"]), environment)


def _look(whose: UUID, link: UUID, *, renew: bool) -> dict[tuple[UUID, UUID], str]:
    """Open the tokens of a link; with `renew` replace them under the lock of their row."""
    vault = Vault(link, whose)
    with acting_for(whose), db.engine.begin() as connection:
        vault.read(connection, lock=renew)
        return {(whose, link): _renew(connection, vault)} if renew else {}


def _renew(connection: Connection, vault: Vault) -> str:
    token = f"renewed {uuid4()}"
    fresh = vault.sealed(Tokens(token, token, timedelta(hours=1), frozenset()))
    connection.execute(
        text(
            "UPDATE integration_tokens SET access_token = :access, refresh_token = :refresh"
            " WHERE integration_id = :link"
        ),
        {
            "access": fresh["access_token"],
            "refresh": fresh["refresh_token"],
            "link": vault.integration_id,
        },
    )
    return token


def _holds(key: tuple[UUID, UUID], token: str) -> bool:
    """Tell whether a link holds what this process renewed last, or another renewed since."""
    whose, link = key
    with acting_for(whose), db.engine.begin() as connection:
        found = Vault(link, whose).read(connection).access
    return found == token or found.startswith("renewed")


def fill(engine: Engine) -> list[tuple[UUID, UUID]]:
    """Make organisations whose links are sealed with the old key."""
    sealer = Sealer([LocalKey(parse_key(OLD))])
    app_id = uuid4()
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO whoop_apps (id, slug, client_id) VALUES (:id, 'bench', 'x')"),
            {"id": app_id},
        )
        made: list[tuple[UUID, UUID]] = []
        for number in range(ORGANISATIONS):
            whose, links = uuid4(), [uuid4() for _ in range(LINKS_EACH)]
            _fill_one(connection, sealer, (whose, app_id, number), links)
            made += [(whose, link) for link in links]
    return made


def _fill_one(
    connection: Connection, sealer: Sealer, which: tuple[UUID, UUID, int], links: list[UUID]
) -> None:
    whose, app_id, number = which
    values: dict[str, object] = {"whose": whose, "app": app_id, "slug": f"b{number}", "ids": links}
    for name in ("access_token", "refresh_token"):
        values[name] = [
            sealer.seal(f"{name} {link}", place=f"{whose}/{link}/{name}") for link in links
        ]
    for statement in STATEMENTS:
        connection.execute(text(statement), values)


if __name__ == "__main__":
    main()
