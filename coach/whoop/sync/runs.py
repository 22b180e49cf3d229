"""One attempt to bring a link up to date, as a row: why, how many calls, what came, how it ended."""

from collections.abc import Mapping
from itertools import chain
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, cast, func, update

from coach.extensions import db
from coach.observability import counters
from coach.whoop.models import SyncRun
from coach.whoop.payloads import RecordKind
from coach.whoop.sync.storing import Link
from coach.work.leases import unit_of_work

# What is counted of each kind of record, beside the calls.
COUNTED = ("stored", "changed", "pending", "missed")

_RUN = (
    update(SyncRun)
    .where(SyncRun.organisation_id == bindparam("owner"), SyncRun.id == bindparam("run"))
    .execution_options(synchronize_session=False)
)
_SORT = bindparam("sort", type_=Text)
_KNOWN = SyncRun.counts.op("->")(_SORT)
_SUMS = {
    name: func.coalesce(cast(_KNOWN.op("->>")(name), Integer), 0) + bindparam(name, type_=Integer)
    for name in COUNTED
}
# Each page writes it, so it is built once.
_COUNT = _RUN.values(
    calls=SyncRun.calls + 1,
    counts=SyncRun.counts.op("||")(
        func.jsonb_build_object(_SORT, func.jsonb_build_object(*chain.from_iterable(_SUMS.items())))
    ),
)


def begin(link: Link, run: UUID, *, work_id: UUID | None, trigger: str) -> None:
    """Write down that an attempt begins."""
    db.session.add(
        SyncRun(
            organisation_id=link.organisation_id,
            id=run,
            integration_id=link.id,
            work_id=work_id,
            trigger=trigger,
        )
    )


def end(link: Link, run_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Write down how an attempt ended, in a transaction of its own."""
    with unit_of_work():
        close(link, run_id, outcome=outcome, error=error)


def close(link: Link, run_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Write down, in the running transaction, how an attempt ended."""
    ended = _RUN.values(ended_at=func.now(), outcome=outcome, error=error and error[:200])
    took = db.session.scalar(
        ended.returning(func.now() - SyncRun.started_at),
        {"owner": link.organisation_id, "run": run_id},
    )
    if took is not None:
        counters.sync_seconds.labels(outcome=outcome).observe(took.total_seconds())


def count(link: Link, run_id: UUID, kind: RecordKind, counted: Mapping[str, int]) -> None:
    """Count one call of an attempt, and what came of it for one kind of record."""
    place = {"owner": link.organisation_id, "run": run_id, "sort": kind.value}
    db.session.execute(_COUNT, {**dict.fromkeys(COUNTED, 0), **counted, **place})
