"""What a restored past must be told: sessions are over, tokens may be spent, work goes on.

WHOOP revokes a whole grant when a spent refresh token is sent again, and the newer tokens of a
backup's links are gone with the disaster or, worse, in use elsewhere. So each stored one counts as
sent already, with an answer that got lost: it is tried once more at most, and only when the access
token is of no use any more (coach/whoop/grant/verdicts.py). Those that fail ask to link again.
"""

from redis import Redis
from sqlalchemy import Connection, Engine, text

from coach.ids import new_id
from coach.keys.columns import SEALED, Row, rows_of
from coach.sealing import DoesNotOpen, Sealer
from coach.web.session import hash_token
from coach.work.dispatch import rq_queue
from coach.work.models import Queue

# What somebody ended, used up or cut since then would live again.
SHORT_LIVED = ("user_sessions", "password_resets", "email_changes", "oauth_states")
# Everything would be due at once.
SPREAD = "1 hour"

_WORK_GOES_ON = (
    "UPDATE work SET state = 'waiting', lease_until = NULL, due_at = greatest(due_at, now())"
    " WHERE state IN ('queued', 'running')"
)
_SPREAD_OUT = (
    f"UPDATE due_slots SET due_at = now() + random() * interval '{SPREAD}'"  # noqa: S608  # ours
    " WHERE taken_at IS NULL AND due_at < now()"
)
_COUNTED_AS_SENT = text(
    "INSERT INTO token_calls"
    " (id, whoop_app_id, organisation_id, integration_id, token_hash, started_at, ended_at, outcome)"
    " SELECT told.id, i.whoop_app_id, i.organisation_id, i.id, told.hash, now(), now(), 'unknown'"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:links AS uuid[]), CAST(:hashes AS text[]))"
    " AS told(id, link, hash) JOIN integrations i ON i.id = told.link"
    " WHERE i.whoop_app_id IS NOT NULL"
)
_LINKS_CUT = (
    "DELETE FROM farewells",
    "DELETE FROM integration_tokens",
    "UPDATE integrations SET status = 'reconnect_needed' WHERE status IN ('active', 'error')",
    (
        "UPDATE work SET state = 'done', lease_until = NULL, finished_at = now()"
        " WHERE queue = 'mail' AND state IN ('waiting', 'queued', 'running')"
    ),
)
_REFRESH = next(each for each in SEALED if each.name == "integration_tokens.refresh_token")


def put_in_order(engine: Engine, *, without_links: bool) -> None:
    """End sessions and spent links, spread what is due; `without_links`: use no grant at all.

    Without links it is a copy beside a living installation: it must neither spend that one's tokens
    nor write to its people.
    """
    with engine.begin() as connection:
        for table in SHORT_LIVED:
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # ours
        for statement in (_WORK_GOES_ON, _SPREAD_OUT, *(_LINKS_CUT if without_links else ())):
            connection.execute(text(statement))


def count_as_sent(engine: Engine, sealer: Sealer) -> int:
    """Note each refresh token as one that may be spent; how many there are. Raises KeysAway."""
    count = 0
    with engine.connect() as reading, engine.connect() as writing:
        for page in rows_of(reading, _REFRESH):
            count += _note(writing, page, sealer)
    return count


def empty_queue(redis: Redis) -> None:
    """Drop the jobs of another time; the scheduler queues anew what the restored rows ask for."""
    for queue in Queue:
        rq_queue(redis, queue).empty()  # type: ignore[no-untyped-call]  # RQ's


def _note(connection: Connection, page: list[Row], sealer: Sealer) -> int:
    opened = [(row["integration_id"], token) for row in page if (token := _opened(row, sealer))]
    values = {
        "ids": [new_id() for _ in opened],
        "links": [link for link, _ in opened],
        "hashes": [hash_token(token) for _, token in opened],
    }
    with connection.begin():
        return connection.execute(_COUNTED_AS_SENT, values).rowcount


def _opened(row: Row, sealer: Sealer) -> str | None:
    try:
        return sealer.open(row["stored"], place=_REFRESH.place_of(row))
    except DoesNotOpen:
        return None  # `coach doctor` lists it
