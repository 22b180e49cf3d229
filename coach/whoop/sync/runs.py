"""One attempt to bring a link up to date, as a row: why, how many calls, what came, how it ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Interval, bindparam, delete, exists, func, select, type_coerce, update
from sqlalchemy.orm import aliased

from coach.database.tenancy import acting_for
from coach.database.writes import Writes
from coach.extensions import db
from coach.observability import counters
from coach.whoop.models import SyncRun, WhoopLink
from coach.whoop.payloads import RecordKind
from coach.whoop.sync import fencing
from coach.whoop.sync.fencing import Link
from coach.work.leases import unit_of_work

# What is counted of each kind of record, beside the calls.
COUNTED = ("stored", "changed", "pending", "missed")

_RUN = update(SyncRun).where(
    SyncRun.organisation_id == bindparam("owner"), SyncRun.id == bindparam("run")
)
_END = _RUN.values(
    ended_at=func.now(), outcome=bindparam("outcome"), error=bindparam("failure")
).returning(type_coerce(func.now() - SyncRun.started_at, Interval))
_END_UP_TO_DATE = _END.add_cte(fencing.FINISH.cte("finished"))
_BEGIN = (
    "INSERT INTO sync_runs (organisation_id, id, integration_id, work_id, trigger)"
    " VALUES (:owner, :run, :link, :work, :trigger)"
)
_SUMS = ", ".join(
    f"'{name}', coalesce(CAST(counts -> :sort ->> '{name}' AS integer), 0) + :{name}"
    for name in COUNTED
)
_COUNT = (
    "UPDATE sync_runs SET calls = calls + 1, counts = counts ||"  # noqa: S608  the names are ours
    f" jsonb_build_object(CAST(:sort AS text), jsonb_build_object({_SUMS}))"
    " WHERE organisation_id = :owner AND id = :run"
)


# Of an organisation we act for: what began so long ago and is not the newest of its link.
KEPT = timedelta(days=365)
_newer = aliased(SyncRun)
_FORGET = delete(SyncRun).where(
    SyncRun.organisation_id == bindparam("owner"),
    SyncRun.started_at < bindparam("before"),
    exists().where(
        _newer.organisation_id == SyncRun.organisation_id,
        _newer.integration_id == SyncRun.integration_id,
        _newer.started_at > SyncRun.started_at,
    ),
)


def forget_old(*, now: datetime) -> None:
    """Delete attempts of a year ago wherever there are links; the newest of each link stays."""
    organisations = db.session.scalars(select(WhoopLink.organisation_id).distinct()).all()
    db.session.commit()
    for owner in organisations:
        with acting_for(owner):
            db.session.connection().execute(_FORGET, {"owner": owner, "before": now - KEPT})
            db.session.commit()


def begin(link: Link, run: UUID, writes: Writes, *, work_id: UUID | None, trigger: str) -> None:
    """Write down, with other writes, that an attempt begins."""
    begun = {"owner": link.organisation_id, "run": run, "link": link.id}
    writes.add(_BEGIN, {**begun, "work": work_id, "trigger": trigger})


def end(link: Link, run_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Write down how an attempt ended, in a transaction of its own."""
    with unit_of_work():
        close(link, run_id, outcome=outcome, error=error)


def close(
    link: Link,
    run_id: UUID,
    *,
    outcome: str,
    error: str | None = None,
    finished: Mapping[str, object] | None = None,
) -> None:
    """Write down, in the running transaction, how an attempt ended; `finished`: up to date."""
    ended = {"owner": link.organisation_id, "run": run_id, "outcome": outcome}
    statement = _END if finished is None else _END_UP_TO_DATE
    values = {**(finished or {}), **ended, "failure": error and error[:200]}
    took = db.session.connection().scalar(statement, values)
    if took is not None:
        counters.sync_seconds.labels(outcome=outcome).observe(took.total_seconds())


def count(
    link: Link, run_id: UUID, kind: RecordKind, counted: Mapping[str, int], writes: Writes
) -> None:
    """Count, with other writes, one call of an attempt, and what came of it for one kind."""
    place = {"owner": link.organisation_id, "run": run_id, "sort": kind.value}
    writes.add(_COUNT, {**dict.fromkeys(COUNTED, 0), **counted, **place})
